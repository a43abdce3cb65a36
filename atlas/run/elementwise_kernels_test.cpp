// Element-wise kernels against their references: functions, activations, broadcast arithmetic, casts.
#include <gtest/gtest.h>

#include <cmath>
#include <limits>

#include "atlas/graph/builder.h"
#include "atlas/run/kernel_harness_test.h"

namespace atlas {
namespace {

const std::vector<Shape> kShapes = {{}, {1}, {0, 3}, {7}, {3, 5}, {2, 3, 4, 5}, {2, 20011}};

// Pairs that broadcast in every way: alike, scalars, rows, columns, both sides at once, nothing at all.
const std::vector<std::pair<Shape, Shape>> kPairs = {
    {{}, {}},
    {{3, 5}, {3, 5}},
    {{3, 5}, {}},
    {{}, {3, 5}},
    {{2, 3, 5}, {5}},
    {{2, 3, 5}, {3, 1}},
    {{3, 1}, {1, 5}},
    {{2, 1, 4, 1}, {3, 1, 6}},
    {{2, 3, 1, 5}, {1, 3, 4, 1}},
    {{0, 3}, {1, 3}},
    {{4, 0}, {1}},
    {{1, 64, 9, 9}, {64, 1, 1}},
    {{3, 10007}, {10007}},
    {{10007, 3}, {10007, 1}},
};

TEST(ElementwiseKernels, FunctionsOfOne) {
  RandomTensors random;
  std::vector<KernelCase> cases;
  for (const char* op : {"Abs",       "Ceil",       "Erf",  "Exp",         "Floor", "Neg",      "Round",
                         "Sign",      "Reciprocal", "Relu", "Sigmoid",     "Tanh",  "Softplus", "Mish",
                         "HardSwish", "LeakyRelu",  "Elu",  "HardSigmoid", "Gelu",  "Swish"})
    for (const Shape& shape : kShapes) cases.push_back({op, {random.floats(shape)}});
  for (const char* op : {"Log", "Sqrt"})
    for (const Shape& shape : kShapes) cases.push_back({op, {random.floats(shape, 0.01f, 9)}});
  cases.push_back({"Gelu", {random.floats({3, 7})}, {{"approximate", std::string("tanh")}}});
  cases.push_back({"LeakyRelu", {random.floats({3, 7})}, {{"alpha", 0.3f}}});
  cases.push_back({"Elu", {random.floats({3, 7})}, {{"alpha", 0.3f}}});
  cases.push_back({"HardSigmoid", {random.floats({3, 7})}, {{"alpha", 0.3f}, {"beta", 0.1f}}});
  check_kernels(cases);
}

TEST(ElementwiseKernels, FunctionsOfOneAtTheEdges) {
  constexpr float kInfinity = std::numeric_limits<float>::infinity();
  const Tensor edges =
      Tensor::of<float>({8}, {0.0f, -0.0f, kInfinity, -kInfinity, std::nanf(""), 2.5f, -0.5f, 1e-30f});
  std::vector<KernelCase> cases;
  for (const char* op : {"Abs", "Ceil", "Erf", "Exp", "Floor", "Log", "Neg", "Round", "Sign", "Sqrt",
                         "Reciprocal", "Relu", "Sigmoid", "Tanh", "LeakyRelu", "Elu"})
    cases.push_back({op, {edges}});
  check_kernels(cases);
}

TEST(ElementwiseKernels, FunctionsOfTwo) {
  RandomTensors random;
  std::vector<KernelCase> cases;
  for (const char* op : {"Add", "Sub", "Mul", "Div", "Max", "Min"})
    for (const auto& [a, b] : kPairs) cases.push_back({op, {random.floats(a), random.floats(b, 0.5f, 2)}});
  check_kernels(cases);
}

TEST(ElementwiseKernels, Clip) {
  RandomTensors random;
  const Datum low = Tensor::scalar<float>(-1);
  const Datum high = Tensor::scalar<float>(0.5f);
  std::vector<KernelCase> cases;
  for (const Shape& shape : kShapes) {
    cases.push_back({"Clip", {random.floats(shape), low, high}});
    cases.push_back({"Clip", {random.floats(shape), Datum(), high}});
    cases.push_back({"Clip", {random.floats(shape), low}});
    cases.push_back({"Clip", {random.floats(shape)}});
    cases.push_back({"Clip", {random.floats(shape), high, low}});
  }
  check_kernels(cases);
}

TEST(ElementwiseKernels, Where) {
  RandomTensors random;
  check_kernels({
      {"Where", {random.bools({3, 5}), random.floats({3, 5}), random.floats({3, 5})}},
      {"Where", {random.bools({3, 1}), random.floats({5}), random.floats({})}},
      {"Where", {random.bools({}), random.floats({2, 3}), random.floats({1, 3})}},
      {"Where", {random.bools({}), random.floats({}), random.floats({})}},
      {"Where", {random.bools({2, 0}), random.floats({}), random.floats({1, 1})}},
      {"Where",
       {random.bools({2, 1, 3}), random.integers<std::int64_t>({4, 1}, -9, 9),
        random.integers<std::int64_t>({3}, -9, 9)}},
      {"Where", {random.bools({5}), random.bools({5}), random.bools({1})}},
  });
}

TEST(ElementwiseKernels, Casts) {
  RandomTensors random;
  const std::vector<Datum> sources = {
      random.bools({3, 5}),
      random.integers<std::uint8_t>({3, 5}, 0, 255),
      random.integers<std::int8_t>({3, 5}, -128, 127),
      random.integers<std::int32_t>({3, 5}, -100000, 100000),
      random.integers<std::int64_t>({3, 5}, -100000, 100000),
  };
  std::vector<KernelCase> cases;
  for (const Datum& source : sources)
    for (const DType to : {DType::Bool, DType::U8, DType::I8, DType::I32, DType::I64, DType::F32, DType::F64})
      cases.push_back({"Cast", {source}, {{"to", static_cast<std::int64_t>(to)}}});
  for (const DType to : {DType::Bool, DType::F64})
    cases.push_back({"Cast", {random.floats({3, 0, 5})}, {{"to", static_cast<std::int64_t>(to)}}});
  check_kernels(cases);
}

// Results written over their operands: of one, of the larger of two, of both, and of one that is used again.
TEST(ElementwiseKernels, ChainsInPlace) {
  RandomTensors random;
  Graph graph;
  const ValueId x = graph.add_input("x", Type::tensor(DType::F32, Dims{3, 7}));
  const ValueId row = graph.add_input("row", Type::tensor(DType::F32, Dims{7}));
  GraphBuilder b(graph);
  const ValueId one = b.op("Relu", {b.op("Add", {row, b.op("Neg", {x})})});
  const ValueId kept = b.op("Mul", {one, one});
  const ValueId two = b.op("Sub", {b.op("Tanh", {kept}), kept});
  const ValueId tall = b.op("Add", {b.op("ReduceMax", {two, b.ints({1})}), row});
  graph.outputs = {b.op("Softmax", {b.op("Max", {two, tall})}), kept};
  check_graph(graph, {random.floats({3, 7}), random.floats({7})}, {1e-4, 1e-5});
}

}  // namespace
}  // namespace atlas
