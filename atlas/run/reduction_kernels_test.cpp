// Reductions, softmax and normalisations against their references.
#include <gtest/gtest.h>

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

}  // namespace
}  // namespace atlas
