// Reductions, softmax and normalisations against their references.
#include <gtest/gtest.h>

#include <cmath>
#include <limits>

#include "atlas/run/kernel_harness_test.h"

namespace atlas {
namespace {

TEST(ReductionKernels, Reductions) {
  RandomTensors random;
  std::vector<KernelCase> cases;
  const std::vector<std::vector<std::int64_t>> axis_sets = {{0},    {1},     {2},          {-1},
                                                            {0, 2}, {1, -1}, {0, 1, 2, 3}, {0, 3}};
  for (const char* op : {"ReduceL1", "ReduceL2", "ReduceMax", "ReduceMean", "ReduceMin", "ReduceProd",
                         "ReduceSum", "ReduceSumSquare"}) {
    for (const auto& axes : axis_sets)
      for (const std::int64_t keep : {0, 1})
        cases.push_back({op, {random.floats({3, 5, 2, 7}), int64s(axes)}, {{"keepdims", keep}}});
    cases.push_back({op, {random.floats({3, 5})}});
    cases.push_back({op, {random.floats({3, 5})}, {{"noop_with_empty_axes", std::int64_t{1}}}});
    cases.push_back({op, {random.floats({})}});
    cases.push_back({op, {random.floats({3, 20011}, -1, 1.0f), int64s({0})}});
  }
  for (const char* op : {"ReduceL1", "ReduceL2", "ReduceProd", "ReduceSum", "ReduceSumSquare"})
    cases.push_back({op, {random.floats({3, 0, 2}), int64s({1})}});
  for (const char* op : {"GlobalAveragePool", "GlobalMaxPool"}) {
    cases.push_back({op, {random.floats({2, 3, 4, 5})}});
    cases.push_back({op, {random.floats({2, 3, 7})}});
  }
  check_kernels(cases);
}

// By others that have kernels.
TEST(ReductionKernels, LogarithmsOfSums) {
  RandomTensors random;
  const float inf = std::numeric_limits<float>::infinity();
  std::vector<KernelCase> cases;
  for (const std::int64_t keep : {0, 1}) {
    cases.push_back({"ReduceLogSum", {random.floats({3, 5, 2}, 0.1f, 2), int64s({1})}, {{"keepdims", keep}}});
    cases.push_back(
        {"ReduceLogSumExp", {random.floats({3, 5, 2}, 80, 120), int64s({1})}, {{"keepdims", keep}}});
    cases.push_back({"ReduceLogSumExp", {random.floats({3, 5}, -120, -80)}, {{"keepdims", keep}}});
  }
  cases.push_back({"ReduceLogSumExp",
                   {Tensor::of<float>({3, 2}, {-inf, -inf, -inf, 1, inf, 1}), int64s({1})},
                   {{"keepdims", std::int64_t{0}}}});
  cases.push_back({"ReduceLogSumExp", {random.floats({3, 2})}, {{"noop_with_empty_axes", std::int64_t{1}}}});
  check_kernels(cases);
}

TEST(ReductionKernels, Softmax) {
  RandomTensors random;
  std::vector<KernelCase> cases;
  for (const char* op : {"Softmax", "LogSoftmax"}) {
    for (const std::int64_t axis : {0, 1, 2, -1, -2})
      cases.push_back({op, {random.floats({3, 5, 7}, -20, 20)}, {{"axis", axis}}});
    cases.push_back({op, {random.floats({3, 0})}});
    cases.push_back({op, {random.floats({1})}});
    cases.push_back({op, {random.floats({2, 3001})}});
  }
  check_kernels(cases);
}

TEST(ReductionKernels, Normalisations) {
  RandomTensors random;
  const auto positive = [&](Shape shape) { return random.floats(std::move(shape), 0.1f, 2); };
  std::vector<KernelCase> cases;
  for (const Shape& image : std::vector<Shape>{{2, 6, 3, 5}, {1, 6, 9}, {2, 6, 2, 3, 4}}) {
    cases.push_back(
        {"BatchNormalization",
         {random.floats(image), random.floats({6}), random.floats({6}), random.floats({6}), positive({6})}});
    cases.push_back(
        {"InstanceNormalization", {random.floats(image), random.floats({6}), random.floats({6})}});
    for (const std::int64_t groups : {1, 2, 3, 6})
      cases.push_back({"GroupNormalization",
                       {random.floats(image), random.floats({6}), random.floats({6})},
                       {{"num_groups", groups}}});
  }
  for (const std::int64_t size : {1, 2, 3, 9})
    cases.push_back({"LRN", {random.floats({2, 5, 3, 4})}, {{"size", size}, {"alpha", 0.5f}}});
  for (const char* op : {"LayerNormalization", "RMSNormalization"}) {
    cases.push_back({op, {random.floats({3, 5, 7}), random.floats({7})}});
    cases.push_back({op, {random.floats({3, 5, 7}), random.floats({5, 7})}, {{"axis", std::int64_t{1}}}});
  }
  cases.push_back({"LayerNormalization",
                   {random.floats({3, 5, 7}), random.floats({7}), random.floats({7})},
                   {{"epsilon", 0.01f}},
                   3});
  check_kernels(cases);
}

TEST(ReductionKernels, SearchesAlongLines) {
  RandomTensors random;
  const Tensor edges = Tensor::of<float>({2, 4}, {1, std::nanf(""), 3, std::nanf(""), 2, 5, 5, -1});
  std::vector<KernelCase> cases;
  for (const char* op : {"ArgMax", "ArgMin"})
    for (const std::int64_t axis : {0, 1, -1})
      for (const std::int64_t flag : {0, 1}) {
        const Attributes attributes = {{"axis", axis}, {"keepdims", flag}, {"select_last_index", flag}};
        cases.push_back({op, {random.floats({3, 5, 7})}, attributes});
        cases.push_back({op, {random.integers<std::int64_t>({3, 5, 7}, 0, 3)}, attributes});
        cases.push_back({op, {edges}, attributes});
      }
  for (const std::int64_t axis : {0, 1, -1})
    for (const std::int64_t largest : {0, 1}) {
      const Attributes attributes = {{"axis", axis}, {"largest", largest}};
      cases.push_back({"TopK", {random.floats({4, 5, 7}), int64s({3})}, attributes, 2});
      cases.push_back({"TopK", {random.integers<std::int32_t>({4, 5, 7}, 0, 3), int64s({4})}, attributes, 2});
      cases.push_back({"TopK", {edges, int64s({2})}, attributes, 2});
    }
  cases.push_back({"TopK", {random.floats({4, 5}), int64s({0})}, {}, 2});
  for (const std::int64_t axis : {0, 1, -1})
    for (const std::int64_t exclusive : {0, 1})
      for (const std::int64_t reverse : {0, 1}) {
        const Attributes attributes = {{"exclusive", exclusive}, {"reverse", reverse}};
        cases.push_back({"CumSum", {random.floats({3, 5, 7}), Tensor::scalar(axis)}, attributes});
        cases.push_back(
            {"CumSum", {random.integers<std::int64_t>({3, 5}, -9, 9), Tensor::scalar(axis)}, attributes});
      }
  check_kernels(cases);
  check_kernel_error({"TopK", {random.floats({4}), int64s({5})}, {}, 2}, "expected K between 0 and 4, got 5");
}

}  // namespace
}  // namespace atlas
