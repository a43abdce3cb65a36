// Resize kernels against their reference: every mode, rounding and coordinate transformation.
#include <gtest/gtest.h>

#include "atlas/run/kernel_harness_test.h"

namespace atlas {
namespace {

const std::vector<std::string> kCoordinates = {"half_pixel", "half_pixel_symmetric", "pytorch_half_pixel",
                                               "align_corners", "asymmetric"};

TEST(ResizeKernels, NearestPixels) {
  RandomTensors random;
  std::vector<KernelCase> cases;
  for (const std::string& coordinates : kCoordinates)
    for (const char* rounding : {"round_prefer_floor", "round_prefer_ceil", "floor", "ceil"})
      for (const std::vector<float>& scales :
           std::vector<std::vector<float>>{{1, 1, 2, 2}, {1, 1, 1.7f, 0.6f}, {1, 1, 0.5f, 3}})
        cases.push_back(
            {"Resize",
             {random.floats({2, 3, 5, 7}), Datum(), Tensor::of<float>({4}, scales)},
             {{"coordinate_transformation_mode", coordinates}, {"nearest_mode", std::string(rounding)}}});
  cases.push_back(
      {"Resize",
       {random.integers<std::uint8_t>({1, 3, 5, 7}, 0, 255), Datum(), Datum(), int64s({1, 3, 9, 4})}});
  cases.push_back({"Resize",
                   {random.integers<std::int64_t>({5, 7}, 0, 255), Datum(), Datum(), int64s({9})},
                   {{"axes", std::vector<std::int64_t>{-1}}}});
  cases.push_back({"Resize", {random.floats({0, 7}), Datum(), Tensor::of<float>({2}, {1, 2})}});
  check_kernels(cases);
}

TEST(ResizeKernels, Interpolation) {
  RandomTensors random;
  std::vector<KernelCase> cases;
  for (const char* mode : {"linear", "cubic"}) {
    for (const std::string& coordinates : kCoordinates) {
      for (const std::int64_t flag : {0, 1}) {
        const Attributes attributes = {{"mode", std::string(mode)},
                                       {"coordinate_transformation_mode", coordinates},
                                       {"exclude_outside", flag},
                                       {"antialias", flag}};
        cases.push_back(
            {"Resize", {random.floats({2, 3, 5, 7}), Datum(), Datum(), int64s({2, 3, 11, 4})}, attributes});
        cases.push_back({"Resize",
                         {random.floats({2, 3, 5, 7}), Datum(), Tensor::of<float>({4}, {1, 1, 2, 2})},
                         attributes});
        cases.push_back({"Resize", {random.floats({9}), Datum(), Datum(), int64s({1})}, attributes});
      }
    }
    cases.push_back({"Resize",
                     {random.floats({2, 4, 5, 6}), Datum(), Datum(), int64s({8, 3})},
                     {{"mode", std::string(mode)},
                      {"axes", std::vector<std::int64_t>{1, 2}},
                      {"keep_aspect_ratio_policy", std::string("not_larger")}}});
    cases.push_back({"Resize",
                     {random.floats({1, 2, 3}), Datum(), Datum(), int64s({1, 2, 3})},
                     {{"mode", std::string(mode)}}});
  }
  // As images whose channels lie in blocks: rows and columns of 16 numbers each.
  for (const char* mode : {"linear", "cubic", "nearest"}) {
    const Attributes attributes = {{"mode", std::string(mode)}, {"axes", std::vector<std::int64_t>{2, 3}}};
    cases.push_back(
        {"Resize", {random.floats({2, 3, 4, 5, 16}), Datum(), Datum(), int64s({7, 3})}, attributes});
    cases.push_back(
        {"Resize", {random.floats({2, 3, 4, 5, 16}), Datum(), Tensor::of<float>({2}, {2, 1})}, attributes});
  }
  cases.push_back({"Resize",
                   {random.floats({3, 5, 16}), Datum(), Datum(), int64s({11})},
                   {{"mode", std::string("linear")}, {"axes", std::vector<std::int64_t>{1}}}});
  check_kernels(cases);
  check_kernel_error({"Resize", {random.floats({3}), Datum(), Datum(), int64s({3, 3})}}, "sizes");
}

}  // namespace
}  // namespace atlas
