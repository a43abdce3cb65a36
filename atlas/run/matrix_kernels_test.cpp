// Matrix products, real and of 8-bit integers, against their references.
#include <gtest/gtest.h>

#include "atlas/base/error.h"
#include "atlas/graph/builder.h"
#include "atlas/run/kernel_harness_test.h"
#include "atlas/run/registry.h"
#include "atlas/run/session.h"

namespace atlas {
namespace {

TEST(MatrixKernels, MatMul) {
  RandomTensors random;
  std::vector<KernelCase> cases;
  const std::vector<std::pair<Shape, Shape>> pairs = {
      {{3, 4}, {4, 5}},
      {{1, 1}, {1, 1}},
      {{4}, {4}},
      {{4}, {4, 5}},
      {{3, 4}, {4}},
      {{2, 3, 4}, {4, 5}},
      {{2, 3, 4}, {4}},
      {{4}, {2, 4, 5}},
      {{2, 3, 4}, {2, 4, 5}},
      {{2, 3, 4}, {1, 4, 5}},
      {{3, 4}, {2, 4, 5}},
      {{2, 1, 3, 4}, {5, 4, 6}},
      {{2, 1, 3, 4}, {1, 5, 4, 6}},
      {{3, 1, 2, 1, 4}, {2, 1, 4, 3}},
      {{2, 3, 1, 2, 4}, {2, 3, 5, 4, 3}},
      {{2, 1, 5, 2, 4}, {2, 3, 1, 4, 3}},
      {{0, 4}, {4, 5}},
      {{3, 0}, {0, 5}},
      {{2, 0, 4}, {2, 4, 3}},
      {{0, 2, 4}, {1, 4, 3}},
      {{37, 130}, {130, 71}},
      {{1, 300}, {300, 257}},
  };
  for (const auto& [a, b] : pairs) cases.push_back({"MatMul", {random.floats(a), random.floats(b)}});
  check_kernels(cases);
}

TEST(MatrixKernels, Linear) {
  RandomTensors random;
  const auto f = [&](Shape shape) { return random.floats(std::move(shape)); };
  const std::int64_t one = 1;
  check_kernels({
      {"atlas::Linear", {f({2, 5, 7}), f({7, 33})}},
      {"atlas::Linear", {f({2, 5, 7}), f({33, 7}), f({33})}, {{"transB", one}}},
      {"atlas::Linear",
       {f({2, 19, 7}), f({7, 40}), f({40}), f({2, 19, 40})},
       {{"activation", std::string("Gelu")}}},
      {"atlas::Linear",
       {f({31, 7}), f({7, 40}), Datum(), f({31, 40})},
       {{"activation", std::string("FastGelu")}}},
      {"atlas::Linear", {f({1, 1500}), f({1500, 9}), f({9})}, {{"activation", std::string("Relu")}}},
      // So long a row that it is added up in parts, with what stands behind at the end only.
      {"atlas::Linear",
       {f({20, 2500}), f({2500, 37}), f({37}), f({20, 37})},
       {{"activation", std::string("Clip")}, {"activation_params", std::vector<float>{-1, 1}}},
       1,
       {1e-3, 1e-3}},
  });
  check_kernel_error({"atlas::Linear", {f({5, 7}), f({7, 4}), f({3})}}, "broadcast");
}

TEST(MatrixKernels, Gemm) {
  RandomTensors random;
  std::vector<KernelCase> cases;
  for (const std::int64_t ta : {0, 1})
    for (const std::int64_t tb : {0, 1})
      for (const Shape& c : std::vector<Shape>{{}, {1}, {7}, {5, 1}, {1, 7}, {5, 7}})
        for (const float beta : {1.0f, 0.5f, 0.0f})
          cases.push_back({"Gemm",
                           {random.floats(ta ? Shape{3, 5} : Shape{5, 3}),
                            random.floats(tb ? Shape{7, 3} : Shape{3, 7}), random.floats(c)},
                           {{"transA", ta}, {"transB", tb}, {"alpha", 0.7f}, {"beta", beta}}});
  cases.push_back({"Gemm", {random.floats({2, 3}), random.floats({3, 4})}});
  cases.push_back({"Gemm", {random.floats({0, 3}), random.floats({3, 4}), random.floats({4})}});
  cases.push_back({"Gemm", {random.floats({2, 0}), random.floats({0, 4}), random.floats({4})}});
  check_kernels(cases);
}

TEST(MatrixKernels, MatMulInteger) {
  RandomTensors random;
  const auto u8 = [&](Shape shape) { return random.integers<std::uint8_t>(std::move(shape), 0, 255); };
  const auto i8 = [&](Shape shape) { return random.integers<std::int8_t>(std::move(shape), -128, 127); };
  check_kernels({
      {"MatMulInteger", {u8({3, 5}), i8({5, 4})}},
      {"MatMulInteger", {u8({3, 5}), u8({5, 4}), u8({})}},
      {"MatMulInteger", {i8({3, 5}), i8({5, 4}), i8({}), i8({})}},
      {"MatMulInteger", {u8({3, 5}), i8({5, 4}), u8({3}), i8({4})}},
      {"MatMulInteger", {u8({2, 3, 5}), i8({5, 4}), u8({}), i8({4})}},
      {"MatMulInteger", {u8({2, 0, 5}), i8({5, 4}), u8({})}},
      {"MatMulInteger", {u8({5}), i8({5, 4}), u8({})}},
      {"MatMulInteger", {u8({2, 3, 5}), i8({2, 5, 4}), u8({}), i8({})}},
      {"MatMulInteger", {u8({2, 1, 3, 5}), u8({4, 5, 6}), u8({})}},
      {"MatMulInteger", {u8({33, 129}), i8({129, 65}), u8({}), i8({})}},
  });
}

struct NbitsCase {
  Shape a;
  std::int64_t n, bits, block;
  bool byte_zeros = false, real_zeros = false, bias = false;
};

KernelCase nbits_case(RandomTensors& random, const NbitsCase& c) {
  const std::int64_t k = c.a.back(), blocks = (k + c.block - 1) / c.block;
  const auto bytes = [&](Shape shape) { return random.integers<std::uint8_t>(std::move(shape), 0, 255); };
  KernelCase out{"com.microsoft::MatMulNBits",
                 {random.floats(c.a), bytes({c.n, blocks, c.block / 8 * c.bits}),
                  random.floats({c.n * blocks}, 0.01f, 0.1f)},
                 {{"K", k}, {"N", c.n}, {"bits", c.bits}, {"block_size", c.block}},
                 1,
                 {1e-4, 1e-4}};
  if (c.byte_zeros) out.inputs.emplace_back(bytes({c.n * ((blocks * c.bits + 7) / 8)}));
  if (c.real_zeros) out.inputs.emplace_back(random.floats({c.n, blocks}, 0, 10));
  if (c.bias) {
    out.inputs.resize(5);
    out.inputs.emplace_back(random.floats({c.n}));
  }
  return out;
}

TEST(MatrixKernels, MatMulNBits) {
  RandomTensors random;
  std::vector<KernelCase> cases;
  for (const NbitsCase& c : std::vector<NbitsCase>{
           {{1, 64}, 40, 4, 32},
           {{1, 20}, 2, 4, 16, true},
           {{64}, 33, 4, 32, true},
           {{2, 3, 100}, 70, 4, 32, false, false, true},
           {{3, 100}, 65, 8, 64, true, false, true},
           {{1, 300}, 31, 8, 128},
           {{4, 70}, 31, 2, 16, true},
           {{20, 70}, 50, 2, 32},
           {{1, 257}, 64, 4, 16, false, true},
           {{33, 257}, 64, 4, 256, false, true, true},
           {{0, 64}, 8, 4, 32},
       })
    cases.push_back(nbits_case(random, c));
  check_kernels(cases);
}

// Sizes that are known only when the model runs: otherwise the definition refuses them before.
TEST(MatrixKernels, MatMulNBitsRefusesOddSizes) {
  RandomTensors random;
  const auto check = [&](std::size_t input, Tensor tensor, const std::string& fragment) {
    KernelCase c = nbits_case(random, {{2, 40}, 6, 4, 16, true, false, true});
    c.inputs[input] = std::move(tensor);
    check_kernel_error(c, "");
    Graph graph;
    std::vector<ValueId> inputs;
    std::vector<Datum> arguments;
    for (const Datum& datum : c.inputs) {
      inputs.push_back(datum.is_empty() ? ValueId::None
                                        : graph.add_input("x", Type::tensor(datum.tensor().dtype())));
      if (!datum.is_empty()) arguments.push_back(datum);
    }
    graph.outputs = GraphBuilder(graph).ops(c.op, inputs, 1, c.attributes);
    try {
      Session(graph, standard_registry(), {.threads = 1}).run(arguments);
      ADD_FAILURE() << "expected an error with \"" << fragment << "\"";
    } catch (const Error& error) {
      EXPECT_EQ(error.code(), ErrorCode::InvalidArgument);
      EXPECT_NE(std::string(error.what()).find(fragment), std::string::npos) << error.what();
    }
  };
  const auto bytes = [&](Shape shape) { return random.integers<std::uint8_t>(std::move(shape), 0, 255); };
  check(1, bytes({6, 3, 7}), "expected 144 bytes of weights, got u8[6,3,7]");
  check(2, random.floats({17}), "expected 18 scales, got f32[17]");
  check(3, bytes({6}), "expected 12 bytes of zero points, got u8[6]");
  check(3, random.floats({12}), "expected 18 zero points, got f32[12]");
  check(5, random.floats({5}), "expected 6 biases");
  check(0, random.floats({2, 41}), "expected rows of 40 numbers");
}

TEST(MatrixKernels, DynamicQuantizeLinear) {
  RandomTensors random;
  std::vector<KernelCase> cases;
  for (const Shape& shape : std::vector<Shape>{{1}, {3, 5}, {2, 20011}}) {
    cases.push_back({"DynamicQuantizeLinear", {random.floats(shape)}, {}, 3});
    cases.push_back({"DynamicQuantizeLinear", {random.floats(shape, 1, 2)}, {}, 3});
  }
  cases.push_back({"DynamicQuantizeLinear", {Tensor::of<float>({2}, {0, 0})}, {}, 3});
  check_kernels(cases);
}

// Of one and two operands it becomes products that have kernels.
TEST(MatrixKernels, Einsum) {
  RandomTensors random;
  const auto equation = [](const char* text) { return Attributes{{"equation", std::string(text)}}; };
  check_kernels({
      {"Einsum", {random.floats({2, 3, 4, 5}), random.floats({2, 3, 6, 5})}, equation("bhid,bhjd->bhij")},
      {"Einsum", {random.floats({2, 4, 6}), random.floats({6, 3, 5})}, equation("bid,dhv->bhiv")},
      {"Einsum", {random.floats({2, 4, 6})}, equation("bid->di")},
      {"Einsum", {random.floats({4}), random.floats({4})}, equation("i,i->")},
  });
}

}  // namespace
}  // namespace atlas
