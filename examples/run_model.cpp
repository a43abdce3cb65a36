// Runs a model that takes four numbers and prints what it gives: run_model_cpp MODEL
#include <atlas/atlas.hpp>
#include <iostream>

int main(int argc, char** argv) try {
  const atlas::Session session(argc > 1 ? argv[1] : "model.onnx", {.threads = 1});
  const std::vector<float> numbers{1, 2, 3, 4};
  const auto outputs = session.run({atlas::Datum::view<float>({4}, numbers)});  // read in place
  for (const float number : outputs[0].values<float>()) std::cout << number << "\n";
} catch (const atlas::Error& error) {
  std::cerr << error.what() << "\n";
  return 1;
}
