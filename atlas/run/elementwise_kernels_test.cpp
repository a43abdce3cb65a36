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
  constexpr float kInfinity = std::numeric_limits<float>::infinity();
  const std::vector<Datum> sources = {
      random.bools({3, 5}),
      random.integers<std::uint8_t>({3, 5}, 0, 255),
      random.integers<std::int8_t>({3, 5}, -128, 127),
      random.integers<std::int32_t>({3, 5}, -100000, 100000),
      random.integers<std::int64_t>({3, 5}, -100000, 100000),
      random.floats({3, 5}, -300, 300),
      random.floats({3, 0, 5}),
      Tensor::of<float>({9}, {0.5f, -0.5f, 2.9f, -2.9f, 3e9f, -1e30f, kInfinity, -kInfinity, std::nanf("")}),
      Tensor::of<double>({3}, {-1e300, 0.1, 70000.4}),
      Tensor::of<F16>({3}, {F16(0.1), F16(-2.5), F16(1e9)}),
      Tensor::of<BF16>({3}, {BF16(0.1), BF16(-2.5), BF16(1e9)}),
  };
  std::vector<KernelCase> cases;
  for (const Datum& source : sources) {
    for (const DType to : {DType::Bool, DType::U8, DType::I8, DType::I32, DType::I64, DType::F16, DType::BF16,
                           DType::F32, DType::F64})
      cases.push_back({"Cast", {source}, {{"to", static_cast<std::int64_t>(to)}}, 1, {0, 0}});
    cases.push_back({"CastLike", {source, random.integers<std::int64_t>({1}, 0, 0)}, {}, 1, {0, 0}});
  }
  check_kernels(cases);
}

TEST(ElementwiseKernels, RarerFunctionsOfOne) {
  RandomTensors random;
  std::vector<KernelCase> cases;
  for (const char* op : {"Asin", "Acos", "Atanh", "Atan", "Asinh", "Sin", "Cos", "Tan", "Sinh", "Cosh",
                         "Celu", "Selu", "Softsign", "ThresholdedRelu", "IsNaN", "IsInf"})
    for (const Shape& shape : kShapes) cases.push_back({op, {random.floats(shape, -0.9f, 0.9f)}});
  cases.push_back({"Acosh", {random.floats({3, 5}, 1, 9)}});
  cases.push_back({"Celu", {random.floats({3, 5})}, {{"alpha", 0.4f}}});
  constexpr float kInfinity = std::numeric_limits<float>::infinity();
  const Tensor edges = Tensor::of<float>({4}, {kInfinity, -kInfinity, std::nanf(""), 1});
  for (const char* op : {"IsNaN", "IsInf", "Selu", "Celu", "ThresholdedRelu"}) cases.push_back({op, {edges}});
  cases.push_back({"IsInf", {edges}, {{"detect_negative", std::int64_t{0}}}});
  cases.push_back({"IsInf", {edges}, {{"detect_positive", std::int64_t{0}}}});
  for (const char* op : {"Neg", "Abs", "Sign"}) {
    cases.push_back({op, {random.integers<std::int64_t>({3, 5}, -9, 9)}});
    cases.push_back({op, {random.integers<std::int32_t>({3, 5}, -9, 9)}});
    cases.push_back({op, {Tensor::scalar(std::numeric_limits<std::int64_t>::min())}});
  }
  cases.push_back({"Not", {random.bools({3, 5})}});
  check_kernels(cases);
}

template <typename T>
void add_integer_cases(RandomTensors& random, std::vector<KernelCase>& cases) {
  for (const char* op : {"Add", "Sub", "Mul", "Div", "Max", "Min", "Mod", "Equal", "Less", "LessOrEqual",
                         "Greater", "GreaterOrEqual"})
    for (const auto& [a, b] : kPairs)
      cases.push_back({op, {random.integers<T>(a, -20, 20), random.integers<T>(b, 1, 5)}});
  const Tensor extremes =
      Tensor::of<T>({3}, {std::numeric_limits<T>::min(), std::numeric_limits<T>::max(), T(-7)});
  for (const char* op : {"Add", "Sub", "Mul", "Div", "Mod"})
    for (const T other : {T(-1), T(3), T(-4), std::numeric_limits<T>::max()})
      cases.push_back({op, {extremes, Tensor::scalar(other)}});
  cases.push_back({"Mod", {extremes, Tensor::scalar(T(-4))}, {{"fmod", std::int64_t{1}}}});
}

TEST(ElementwiseKernels, IntegersOfTwo) {
  RandomTensors random;
  std::vector<KernelCase> cases;
  add_integer_cases<std::int32_t>(random, cases);
  add_integer_cases<std::int64_t>(random, cases);
  check_kernels(cases);
  check_kernel_error({"Div", {int64s({1, 2}), int64s({0, 1})}}, "integer division by zero");
}

TEST(ElementwiseKernels, ComparisonsAndTruthValues) {
  RandomTensors random;
  std::vector<KernelCase> cases;
  for (const char* op : {"Equal", "Less", "LessOrEqual", "Greater", "GreaterOrEqual"}) {
    for (const auto& [a, b] : kPairs) cases.push_back({op, {random.floats(a), random.floats(b)}});
    cases.push_back(
        {op, {Tensor::of<float>({3}, {std::nanf(""), 0.0f, 1}), Tensor::of<float>({3}, {1, -0.0f, 1})}});
  }
  for (const char* op : {"And", "Or", "Xor", "Equal"})
    for (const auto& [a, b] : kPairs) cases.push_back({op, {random.bools(a), random.bools(b)}});
  check_kernels(cases);
}

TEST(ElementwiseKernels, PowersSlopesAndRemainders) {
  RandomTensors random;
  std::vector<KernelCase> cases;
  for (const auto& [a, b] : kPairs) {
    cases.push_back({"Pow", {random.floats(a, 0.1f, 3), random.floats(b)}});
    cases.push_back({"Mod", {random.floats(a), random.floats(b, 0.5f, 2)}, {{"fmod", std::int64_t{1}}}});
  }
  for (const float power : {0.0f, 0.5f, 1.0f, 2.0f, 3.0f, -1.0f})
    cases.push_back({"Pow", {random.floats({3, 5}, 0.1f, 3), Tensor::scalar(power)}});
  cases.push_back({"PRelu", {random.floats({2, 3, 4, 5}), random.floats({3, 1, 1})}});
  cases.push_back({"PRelu", {random.floats({2, 3}), random.floats({1})}});
  cases.push_back({"PRelu", {random.floats({2, 3}), random.floats({2, 3})}});
  check_kernels(cases);
}

TEST(ElementwiseKernels, FunctionsOfMany) {
  RandomTensors random;
  std::vector<KernelCase> cases;
  for (const char* op : {"Sum", "Mean", "Max", "Min"}) {
    cases.push_back({op, {random.floats({3, 5})}});
    cases.push_back({op, {random.floats({3, 5}), random.floats({5})}});
    cases.push_back({op, {random.floats({3, 1}), random.floats({5}), random.floats({2, 3, 5})}});
    cases.push_back({op, {random.floats({5}), random.floats({5}), random.floats({5}), random.floats({})}});
  }
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
