// Reductions over axes.
#include <gtest/gtest.h>

#include <cmath>
#include <limits>

#include "atlas/ops/infer.h"
#include "atlas/ops/op_harness_test.h"

namespace atlas {
namespace {

constexpr float kInf = std::numeric_limits<float>::infinity();
const Attributes kDropAxes = {{"keepdims", std::int64_t{0}}};
const Attributes kNoop = {{"noop_with_empty_axes", std::int64_t{1}}};

Tensor axes(std::initializer_list<std::int64_t> values) {
  return Tensor::of<std::int64_t>({static_cast<std::int64_t>(values.size())}, values);
}
Tensor f32(Shape shape, std::initializer_list<float> values) {
  return Tensor::of<float>(std::move(shape), values);
}

TEST(Reduce, GivesKnownValues) {
  const Tensor x = f32({2, 2}, {1, -2, 3, 4});
  check_cases({
      {"last axis", "ReduceSum", {x, axes({-1})}, {}, {f32({2, 1}, {-1, 7})}},
      {"drop", "ReduceSum", {x, axes({0})}, kDropAxes, {f32({2}, {4, 2})}},
      {"all", "ReduceSum", {x}, kDropAxes, {Tensor::scalar(6.0f)}},
      {"all, empty list", "ReduceSum", {x, axes({})}, {}, {f32({1, 1}, {6})}},
      {"scalar", "ReduceSum", {Tensor::scalar(3.0f)}, {}, {Tensor::scalar(3.0f)}},
      {"axis", "ReduceL1", {x, axes({1})}, kDropAxes, {f32({2}, {3, 7})}},
      {"axis", "ReduceL2", {x, axes({1})}, kDropAxes, {f32({2}, {std::sqrt(5.0f), 5})}},
      {"axis", "ReduceSumSquare", {x, axes({1})}, kDropAxes, {f32({2}, {5, 25})}},
      {"axis", "ReduceMean", {x, axes({0})}, kDropAxes, {f32({2}, {2, 1})}},
      {"axis", "ReduceProd", {x, axes({0})}, kDropAxes, {f32({2}, {3, -8})}},
      {"axis", "ReduceMax", {x, axes({0})}, kDropAxes, {f32({2}, {3, 4})}},
      {"axis", "ReduceMin", {x, axes({0})}, kDropAxes, {f32({2}, {1, -2})}},
      {"axis", "ReduceLogSum", {x, axes({0})}, kDropAxes, {f32({2}, {std::log(4.0f), std::log(2.0f)})}},
      {"axis",
       "ReduceLogSumExp",
       {f32({2}, {5, 6})},
       kDropAxes,
       {Tensor::scalar(static_cast<float>(std::log(std::exp(5.0) + std::exp(6.0))))}},
  });
  check_error({"axis", "ReduceSum", {x, axes({2})}, {}, {x}}, "expected an axis");
}

TEST(Reduce, NoAxesMayMeanNone) {
  const Tensor x = f32({2}, {-3, 4});
  check_cases({
      {"identity", "ReduceSum", {x}, kNoop, {x}},
      {"the rest is done", "ReduceL1", {x, axes({})}, kNoop, {f32({2}, {3, 4})}},
      {"the rest is done", "ReduceSumSquare", {x}, kNoop, {f32({2}, {9, 16})}},
  });
}

TEST(Reduce, GivesNeutralElementsForNothing) {
  const Tensor none(DType::F32, {2, 0});
  check_cases({
      {"none", "ReduceSum", {none, axes({1})}, kDropAxes, {f32({2}, {0, 0})}},
      {"none", "ReduceProd", {none, axes({1})}, kDropAxes, {f32({2}, {1, 1})}},
      {"none", "ReduceMax", {none, axes({1})}, kDropAxes, {f32({2}, {-kInf, -kInf})}},
      {"none", "ReduceMin", {none, axes({1})}, kDropAxes, {f32({2}, {kInf, kInf})}},
      {"none", "ReduceLogSum", {none, axes({1})}, kDropAxes, {f32({2}, {-kInf, -kInf})}},
      {"i8", "ReduceMax", {Tensor(DType::I8, {0})}, kDropAxes, {Tensor::scalar<std::int8_t>(-128)}},
      {"u64", "ReduceMin", {Tensor(DType::U64, {0})}, kDropAxes, {Tensor::scalar<std::uint64_t>(~0ull)}},
      {"bool", "ReduceMin", {Tensor(DType::Bool, {0})}, kDropAxes, {Tensor::scalar(true)}},
      {"other axis stays empty", "ReduceSum", {none, axes({0})}, {}, {Tensor(DType::F32, {1, 0})}},
  });
}

TEST(Reduce, KeepsIntegersExactAndLargeExponentsFinite) {
  check_cases({
      {"i64",
       "ReduceSum",
       {Tensor::of<std::int64_t>({2}, {9007199254740993, 2})},
       kDropAxes,
       {Tensor::scalar<std::int64_t>(9007199254740995)}},
      {"mean truncates",
       "ReduceMean",
       {Tensor::of<std::int32_t>({2}, {-4, 1})},
       kDropAxes,
       {Tensor::scalar<std::int32_t>(-1)}},
      {"bool", "ReduceMax", {Tensor::of<bool>({2}, {false, true})}, kDropAxes, {Tensor::scalar(true)}},
      {"f64, unlike exp of it",
       "ReduceLogSumExp",
       {Tensor::of<double>({2}, {100, 100})},
       kDropAxes,
       {Tensor::scalar(100 + std::log(2.0))}},
  });
}

TEST(Reduce, AxesFromOutsideLeaveTheRank) {
  Graph graph;
  const ValueId x = graph.add_input("x", Type::tensor(DType::F32, Dims{2, 3, 4}));
  const ValueId a = graph.add_input("a", Type::tensor(DType::I64, Dims{2}));
  GraphBuilder builder(graph);
  graph.outputs = {builder.op("ReduceSum", {x, a}), builder.op("ReduceSum", {x, a}, kDropAxes)};
  infer_types(graph, standard_ops());
  EXPECT_EQ(text(graph.value(graph.outputs[0]).type), "f32[?,?,?]");
  EXPECT_EQ(text(graph.value(graph.outputs[1]).type), "f32[?]");
}

}  // namespace
}  // namespace atlas
