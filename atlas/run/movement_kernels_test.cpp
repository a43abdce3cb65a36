// Kernels that move elements against their references.
#include <gtest/gtest.h>

#include <cmath>
#include <limits>

#include "atlas/run/kernel_harness_test.h"

namespace atlas {
namespace {

using Ints = std::vector<std::int64_t>;

TEST(MovementKernels, Concat) {
  RandomTensors random;
  std::vector<KernelCase> cases;
  for (const std::int64_t axis : {0, 1, 2, -1, -3}) {
    std::vector<Datum> parts;
    for (const std::int64_t extent : {2, 0, 3}) {
      Shape shape = {4, 5, 6};
      shape[static_cast<std::size_t>(axis < 0 ? axis + 3 : axis)] = extent;
      parts.push_back(random.floats(shape));
    }
    cases.push_back({"Concat", parts, {{"axis", axis}}});
  }
  cases.push_back({"Concat",
                   {random.integers<std::int64_t>({3}, 0, 9), random.integers<std::int64_t>({2}, 0, 9)},
                   {{"axis", std::int64_t{0}}}});
  cases.push_back({"Concat", {random.bools({3, 2})}, {{"axis", std::int64_t{1}}}});
  check_kernels(cases);
}

TEST(MovementKernels, Split) {
  RandomTensors random;
  check_kernels({
      {"Split", {random.floats({6, 4})}, {{"num_outputs", std::int64_t{3}}}, 3},
      {"Split", {random.floats({7, 4})}, {{"num_outputs", std::int64_t{3}}}, 3},
      {"Split", {random.floats({2, 7, 3}), int64s({1, 0, 6})}, {{"axis", std::int64_t{-2}}}, 3},
      {"Split", {random.bools({5}), int64s({2, 3})}, {}, 2},
  });
  check_kernel_error({"Split", {random.floats({5}), int64s({2, 2})}, {}, 2}, "");
}

TEST(MovementKernels, Slice) {
  RandomTensors random;
  check_kernels({
      {"Slice", {random.floats({5, 6}), int64s({1, 0}), int64s({4, 3})}},
      {"Slice", {random.floats({5, 6}), int64s({-1}), int64s({-100}), int64s({1}), int64s({-1})}},
      {"Slice",
       {random.floats({5, 6, 7}), int64s({1, 5}), int64s({100, 0}), int64s({-3, 2}), int64s({2, -3})}},
      {"Slice", {random.floats({5, 6}), int64s({3}), int64s({3}), int64s({0})}},
      {"Slice", {random.floats({5, 6}), int64s({4}), int64s({1}), int64s({0})}},
      {"Slice", {random.floats({0, 6}), int64s({0}), int64s({5}), int64s({0})}},
      {"Slice", {random.floats({0, 6}), int64s({4}), int64s({-9}), int64s({0}), int64s({-1})}},
      {"Slice",
       {random.floats({5}), int64s({0}), int64s({std::numeric_limits<std::int64_t>::max()}), int64s({0}),
        int64s({std::numeric_limits<std::int64_t>::max()})}},
      {"Slice",
       {random.integers<std::int64_t>({9}, 0, 99), Tensor::of<std::int32_t>({1}, {-3}),
        Tensor::of<std::int32_t>({1}, {9})}},
  });
}

TEST(MovementKernels, Transpose) {
  RandomTensors random;
  check_kernels({
      {"Transpose", {random.floats({})}},
      {"Transpose", {random.floats({3, 4, 5})}},
      {"Transpose", {random.floats({3, 4, 5})}, {{"perm", Ints{1, 0, 2}}}},
      {"Transpose", {random.floats({2, 17, 3, 19})}, {{"perm", Ints{0, 2, 3, 1}}}},
      {"Transpose", {random.floats({2, 0, 3})}, {{"perm", Ints{2, 1, 0}}}},
      {"Transpose", {random.bools({3, 5})}},
      {"Transpose", {random.integers<std::int64_t>({33, 35}, 0, 99)}},
      {"Transpose", {random.floats({130, 67})}},
      {"Transpose", {random.floats({7, 1, 3, 4})}, {{"perm", Ints{1, 0, 2, 3}}}},
      {"Transpose", {random.floats({1, 9, 1})}},
      {"Transpose", {random.floats({2, 3})}, {{"perm", Ints{0, 1}}}},
  });
}

TEST(MovementKernels, Expand) {
  RandomTensors random;
  check_kernels({
      {"Expand", {random.floats({3, 1}), int64s({2, 1, 4})}},
      {"Expand", {random.floats({}), int64s({2, 3})}},
      {"Expand", {random.floats({2, 3}), int64s({1})}},
      {"Expand", {random.floats({1, 3}), int64s({0, 3})}},
      {"Expand", {random.bools({1}), int64s({})}},
  });
}

TEST(MovementKernels, Gather) {
  RandomTensors random;
  std::vector<KernelCase> cases;
  for (const std::int64_t axis : {0, 1, -1}) {
    cases.push_back({"Gather",
                     {random.floats({4, 5, 6}), random.integers<std::int64_t>({2, 3}, -4, 3)},
                     {{"axis", axis}}});
    cases.push_back(
        {"Gather", {random.floats({4, 5, 6}), random.integers<std::int32_t>({}, -4, 3)}, {{"axis", axis}}});
    cases.push_back(
        {"Gather", {random.floats({4, 5, 6}), random.integers<std::int64_t>({0}, 0, 0)}, {{"axis", axis}}});
  }
  check_kernels(cases);
  check_kernel_error({"Gather", {random.floats({4}), int64s({4})}}, "index 4 is outside [-4, 4)");
}

TEST(MovementKernels, Pad) {
  RandomTensors random;
  check_kernels({
      {"Pad", {random.floats({3, 4}), int64s({1, 2, 0, 3})}},
      {"Pad", {random.floats({3, 4}), int64s({1, -1, -2, 3}), Tensor::scalar<float>(7)}},
      {"Pad", {random.floats({3, 4}), int64s({2, 1}), Tensor::scalar<float>(7), int64s({-1})}},
      {"Pad", {random.floats({0, 4}), int64s({1, 0, 1, 0}), Tensor::scalar<float>(7)}},
      {"Pad", {random.bools({3}), int64s({2, 2}), Tensor::scalar<bool>(true)}},
      {"Pad", {random.floats({3, 4}), int64s({-5, 0, 9, 0}), Tensor::scalar<float>(7)}},
  });
  std::vector<KernelCase> cases;
  for (const char* mode : {"edge", "reflect", "wrap"}) {
    const Attributes attributes = {{"mode", std::string(mode)}};
    cases.push_back({"Pad", {random.floats({3, 4}), int64s({1, 2, 0, 3})}, attributes});
    cases.push_back({"Pad", {random.floats({3, 4}), int64s({7, -1, 8, 9})}, attributes});
    cases.push_back({"Pad", {random.floats({1, 4}), int64s({2, -1, 3, -2})}, attributes});
    cases.push_back({"Pad", {random.bools({2, 3, 4}), int64s({2, 1}), Datum(), int64s({-2})}, attributes});
    cases.push_back({"Pad", {random.floats({0, 4}), int64s({0, 1, 0, 1})}, attributes});
  }
  check_kernels(cases);
  check_kernel_error({"Pad", {random.floats({3}), int64s({-2, -2})}}, "take more than axis 0");
  check_kernel_error({"Pad", {random.floats({0}), int64s({1, 0})}, {{"mode", std::string("edge")}}},
                     "nothing is left of axis 0");
}

TEST(MovementKernels, Views) {
  RandomTensors random;
  const std::int64_t last = -1;
  check_kernels({
      {"Reshape", {random.floats({2, 3, 4}), int64s({0, -1})}},
      {"Reshape", {random.floats({2, 0, 4}), int64s({0, 8, 0})}, {{"allowzero", std::int64_t{1}}}},
      {"Reshape", {random.floats({1}), int64s({})}},
      {"Flatten", {random.floats({2, 3, 4})}},
      {"Flatten", {random.floats({2, 3, 4})}, {{"axis", last}}},
      {"Flatten", {random.floats({2, 3, 4})}, {{"axis", std::int64_t{0}}}},
      {"Squeeze", {random.floats({1, 3, 1})}},
      {"Squeeze", {random.floats({1, 3, 1}), int64s({-1})}},
      {"Unsqueeze", {random.floats({3}), int64s({-1, 0})}},
      {"Identity", {random.floats({3})}},
  });
  check_kernel_error({"Reshape", {random.floats({2, 3}), int64s({4, -1})}}, "cannot reshape");
}

TEST(MovementKernels, ElementsAndSlicesByIndex) {
  RandomTensors random;
  const auto picks = [&](Shape shape, std::int64_t extent) {
    return random.integers<std::int64_t>(std::move(shape), -extent, extent - 1);
  };
  const std::int64_t last = -1;
  check_kernels({
      {"GatherElements", {random.floats({3, 4, 5}), picks({3, 4, 2}, 5)}, {{"axis", last}}},
      {"GatherElements", {random.floats({3, 4, 5}), random.integers<std::int32_t>({7, 2, 5}, -3, 2)}},
      {"GatherElements", {random.floats({3, 4}), picks({0, 4}, 3)}},
      {"GatherND", {random.floats({3, 4, 5}), picks({6, 2}, 3)}},
      {"GatherND", {random.floats({3, 4, 5}), picks({2, 3, 3}, 3)}},
      {"GatherND", {random.floats({3, 4, 5}), picks({3, 2, 1}, 4)}, {{"batch_dims", std::int64_t{1}}}},
      {"GatherND", {random.bools({3, 4}), picks({0, 1}, 3)}},
      {"ScatterElements",
       {random.floats({3, 4}), int64s({2, -1, 0}).reshaped({3, 1}), random.floats({3, 1})},
       {{"axis", std::int64_t{1}}}},
      {"ScatterElements", {random.floats({3, 4}), picks({0, 4}, 3), random.floats({0, 4})}},
      {"ScatterND", {random.floats({5, 3}), int64s({4, -4, 0}).reshaped({3, 1}), random.floats({3, 3})}},
      {"ScatterND", {random.floats({5, 3}), picks({4, 2}, 3), random.floats({4})}},
      {"ScatterND",
       {random.integers<std::int64_t>({5}, 0, 9), int64s({1, 1}).reshaped({2, 1}), int64s({7, 8})}},
      {"NonZero", {random.bools({3, 4, 2})}},
      {"NonZero", {Tensor::of<float>({4}, {0, -0.0f, 2, std::nanf("")})}},
      {"NonZero", {random.integers<std::int64_t>({2, 0}, 0, 1)}},
      {"NonZero", {random.integers<std::int64_t>({5, 5}, 0, 1)}},
      {"NonZero", {random.bools({})}},
  });
  check_kernel_error({"GatherND", {random.floats({3}), int64s({3})}}, "index 3 is outside");
  check_kernel_error({"ScatterElements", {random.floats({3}), int64s({-4}), random.floats({1})}},
                     "index -4 is outside");
}

TEST(MovementKernels, Rearrangements) {
  RandomTensors random;
  std::vector<KernelCase> cases = {
      {"Tile", {random.floats({2, 3}), int64s({2, 3})}},
      {"Tile", {random.floats({2, 3}), int64s({0, 1})}},
      {"Tile", {random.bools({3, 1, 2}), int64s({1, 4, 1})}},
      {"Tile", {random.floats({}), int64s({})}},
      {"DepthToSpace", {random.floats({2, 8, 3, 5})}, {{"blocksize", std::int64_t{2}}}},
      {"DepthToSpace",
       {random.floats({2, 9, 3, 5})},
       {{"blocksize", std::int64_t{3}}, {"mode", std::string("CRD")}}},
      {"SpaceToDepth", {random.floats({2, 3, 4, 6})}, {{"blocksize", std::int64_t{2}}}},
  };
  for (const std::int64_t upper : {0, 1})
    for (const std::int64_t k : {-9, -2, 0, 1, 9})
      cases.push_back({"Trilu", {random.floats({2, 4, 5}), Tensor::scalar(k)}, {{"upper", upper}}});
  cases.push_back({"Trilu", {random.bools({5, 3})}});
  cases.push_back({"Trilu", {random.floats({0, 3})}});
  check_kernels(cases);
}

TEST(MovementKernels, TensorsOutOfLittle) {
  RandomTensors random;
  const Datum on_off = Tensor::of<float>({2}, {-1, 2});
  check_kernels({
      {"ConstantOfShape", {int64s({2, 3})}},
      {"ConstantOfShape", {int64s({})}, {{"value", Tensor::of<std::int64_t>({1}, {7})}}},
      {"ConstantOfShape", {int64s({2, 0})}, {{"value", Tensor::of<bool>({1}, {true})}}},
      {"Range",
       {Tensor::scalar<std::int64_t>(2), Tensor::scalar<std::int64_t>(-9), Tensor::scalar<std::int64_t>(-3)}},
      {"Range",
       {Tensor::scalar<std::int32_t>(2), Tensor::scalar<std::int32_t>(2), Tensor::scalar<std::int32_t>(1)}},
      {"Range", {Tensor::scalar(0.5f), Tensor::scalar(3.1f), Tensor::scalar(0.25f)}},
      {"OneHot", {random.integers<std::int64_t>({2, 3}, -5, 6), Tensor::scalar<std::int64_t>(5), on_off}},
      {"OneHot",
       {random.integers<std::int32_t>({2, 3}, -5, 6), int64s({5}), Tensor::of<std::int64_t>({2}, {0, 1})},
       {{"axis", std::int64_t{0}}}},
      {"OneHot", {random.integers<std::int64_t>({}, 0, 4), int64s({5}), on_off}},
      {"EyeLike", {random.floats({3, 5})}},
      {"EyeLike", {random.floats({3, 5})}, {{"k", std::int64_t{-1}}, {"dtype", std::int64_t{7}}}},
      {"EyeLike", {random.integers<std::int32_t>({4, 2}, 0, 1)}, {{"k", std::int64_t{9}}}},
  });
  check_kernel_error({"Range", {Tensor::scalar(0.0f), Tensor::scalar(1.0f), Tensor::scalar(0.0f)}}, "step");
}

}  // namespace
}  // namespace atlas
