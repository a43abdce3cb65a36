// Builds a graph in code, prints it, runs it and saves it as ONNX: build_graph_cpp FILE.onnx
#include <atlas/atlas.hpp>
#include <iostream>

int main(int argc, char** argv) try {
  using atlas::Datum;
  atlas::Graph graph("layer");
  const auto x = graph.input("x", "f32[N,2]");
  const auto weights = graph.constant(Datum::tensor<float>({2, 2}, {1, -1, 2, 1}));
  graph.output(graph.node("Relu", {graph.node("Gemm", {x, weights}, "alpha=0.5")}), "y");
  std::cout << graph.text() << "\n";

  const atlas::Session session(graph);
  const auto outputs = session.run({Datum::tensor<float>({1, 2}, {3, 1})});
  for (const float number : outputs[0].values<float>()) std::cout << number << "\n";
  if (argc > 1) graph.save(argv[1]);
} catch (const atlas::Error& error) {
  std::cerr << error.what() << "\n";
  return 1;
}
