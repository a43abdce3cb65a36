// Derivatives against finite differences in double.
#include <gtest/gtest.h>

#include <cmath>

#include "atlas/base/error.h"
#include "atlas/graph/text_parser.h"
#include "atlas/graph/verify.h"
#include "atlas/ops/infer.h"
#include "atlas/ops/interpreter.h"
#include "atlas/passes/passes.h"
#include "atlas/tensor/elements.h"

namespace atlas {
namespace {

const OpRegistry& ops() {
  static const OpRegistry registry = standard_ops();
  return registry;
}

Graph expanded(const std::string& text) {
  Graph graph = parse_graph(text);
  infer_types(graph, ops());
  expand_gradients(graph, ops());
  graph.compact();
  verify(graph);
  infer_types(graph, ops());
  return graph;
}

double sum(const Datum& datum) {
  double out = 0;
  for (const double value : to_doubles(datum.tensor())) out += value;
  return out;
}

// `lines` compute y out of a: f64[2,3] and b: f64[3]; both gradients of the sum of y are checked.
void check_gradient(const std::string& lines) {
  SCOPED_TRACE(lines);
  const Graph graph = expanded("graph \"g\" { input a: f64[2,3]  input b: f64[3] " + lines + R"(
    da: ?, db: ? = ai.onnx.preview.training::Gradient(a, b) {xs=["a", "b"], y="y"}
    output y  output da  output db })");
  const std::vector<Datum> inputs = {Tensor::of<double>({2, 3}, {0.5, -1.25, 2, 0.75, -0.4, 1.5}),
                                     Tensor::of<double>({3}, {1.2, 0.7, 2.1})};
  const std::vector<Datum> results = interpret(graph, ops(), inputs);
  for (std::size_t i = 0; i < 2; ++i) {
    ASSERT_EQ(results[1 + i].tensor().shape(), inputs[i].tensor().shape());
    const std::vector<double> gradient = to_doubles(results[1 + i].tensor());
    for (std::size_t at = 0; at < gradient.size(); ++at) {
      const auto moved = [&](double by) {
        std::vector<Datum> near = inputs;
        near[i] = inputs[i].tensor().clone();
        near[i].tensor().values_mutable<double>()[at] += by;
        return sum(interpret(graph, ops(), near)[0]);
      };
      EXPECT_NEAR(gradient[at], (moved(1e-6) - moved(-1e-6)) / 2e-6, 1e-6)
          << "input " << i << " element " << at;
    }
  }
}

TEST(ExpandGradients, MatchesFiniteDifferences) {
  for (const char* op : {"Add", "Sub", "Mul", "Div", "Sum"})
    check_gradient(std::string("y: ? = ") + op + "(a, b)");
  for (const char* op :
       {"Abs", "Cos", "Exp", "Identity", "Neg", "Reciprocal", "Relu", "Sigmoid", "Sin", "Tanh"})
    check_gradient(std::string("c: ? = ") + op + "(a)  y: ? = Mul(c, b)");
  for (const char* op : {"Log", "Sqrt"})
    check_gradient(std::string("c: ? = ") + op + "(b)  y: ? = Mul(a, c)");
  check_gradient("c: ? = Exp(a)  y: ? = Pow(c, b)");
  check_gradient("c: ? = Greater(a, b)  d: ? = Mul(a, b)  y: ? = Where(c, a, d)");
}

TEST(ExpandGradients, AddsUpWhatIsUsedTwice) {
  check_gradient("c: ? = Mul(a, b)  d: ? = Tanh(c)  y: ? = Mul(c, d)");
  check_gradient("y: ? = Mul(a, a)");
}

std::vector<double> only_output(const std::string& text, double x) {
  return to_doubles(interpret(expanded(text), ops(), std::vector<Datum>{Tensor::scalar(x)})[0].tensor());
}

TEST(ExpandGradients, TakesOtherValuesThanThoseOfTheGraph) {
  EXPECT_EQ(only_output(R"(graph "g" {
    input x: f64[]
    y: ? = Mul(x, x)
    two: ? = Add(x, x)
    dx: ? = ai.onnx.preview.training::Gradient(two) {xs=["x"], y="y"}
    output dx })",
                        3),
            std::vector<double>{12});
}

TEST(ExpandGradients, DifferentiatesGradients) {
  EXPECT_EQ(only_output(R"(graph "g" {
    input x: f64[]
    square: ? = Mul(x, x)
    y: ? = Mul(square, x)
    dx: ? = ai.onnx.preview.training::Gradient(x) {xs=["x"], y="y"}
    ddx: ? = ai.onnx.preview.training::Gradient(x) {xs=["x"], y="dx"}
    output ddx })",
                        2),
            std::vector<double>{12});
}

std::string error_of(const std::string& text) {
  try {
    expanded(text);
  } catch (const Error& error) {
    return error.what();
  }
  return "";
}

TEST(ExpandGradients, NamesWhatItCannotDo) {
  EXPECT_EQ(error_of(R"(graph "g" {
    input x: f32[2]
    y: ? = Softmax(x)
    dx: ? = ai.onnx.preview.training::Gradient(x) {xs=["x"], y="y"}
    output dx })"),
            "Softmax: ai.onnx.preview.training::Gradient asks for its gradient, and there is no rule for it");
  EXPECT_NE(error_of(R"(graph "g" {
    input x: f32[2]
    dx: ? = ai.onnx.preview.training::Gradient(x) {xs=["x"], y="z"}
    output dx })")
                .find("there is no value 'z' to differentiate"),
            std::string::npos);
}

}  // namespace
}  // namespace atlas
