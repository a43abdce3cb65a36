// Pooling over regions, and MaxUnpool.
#include <gtest/gtest.h>

#include "atlas/ops/op_harness_test.h"

namespace atlas {
namespace {

using Ints = std::vector<std::int64_t>;

const Tensor kImage = Tensor::of<float>({1, 1, 4, 4}, {0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15});

TEST(RegionPooling, Unpools) {
  const Tensor x = Tensor::of<float>({1, 1, 2, 2}, {5, 6, 7, 8});
  const Tensor at = Tensor::of<std::int64_t>({1, 1, 2, 2}, {0, 3, 9, 15});
  check_cases({
      {"to the size before",
       "MaxUnpool",
       {x, at},
       {{"kernel_shape", Ints{2, 2}}, {"strides", Ints{2, 2}}},
       {Tensor::of<float>({1, 1, 4, 4}, {5, 0, 0, 6, 0, 0, 0, 0, 0, 7, 0, 0, 0, 0, 0, 8})}},
      {"to a larger size",
       "MaxUnpool",
       {Tensor::of<float>({1, 1, 1}, {9}), Tensor::of<std::int64_t>({1, 1, 1}, {1}),
        Tensor::of<std::int64_t>({3}, {1, 1, 3})},
       {{"kernel_shape", Ints{2}}, {"strides", Ints{2}}},
       {Tensor::of<float>({1, 1, 3}, {0, 9, 0})}},
  });
  check_error({"index",
               "MaxUnpool",
               {x, Tensor::of<std::int64_t>({1, 1, 2, 2}, {0, 1, 2, 16})},
               {{"kernel_shape", Ints{2, 2}}, {"strides", Ints{2, 2}}},
               {x}},
              "expected indices below 16, got 16");
}

TEST(RegionPooling, PoolsRegions) {
  const Tensor roi = Tensor::of<float>({1, 4}, {0, 0, 2, 2});
  const Tensor first = Tensor::of<std::int64_t>({1}, {0});
  check_cases({
      {"largest of bins",
       "MaxRoiPool",
       {kImage, Tensor::of<float>({1, 5}, {0, 0, 0, 3, 3})},
       {{"pooled_shape", Ints{2, 2}}},
       {Tensor::of<float>({1, 1, 2, 2}, {5, 7, 13, 15})}},
      {"outside is empty",
       "MaxRoiPool",
       {kImage, Tensor::of<float>({1, 5}, {0, 8, 8, 9, 9})},
       {{"pooled_shape", Ints{1, 1}}},
       {Tensor::of<float>({1, 1, 1, 1}, {0})}},
      // Samples at 0 and 1 along both axes.
      {"one sample a bin",
       "RoiAlign",
       {kImage, roi, first},
       {{"output_height", std::int64_t{2}}, {"output_width", std::int64_t{2}}},
       {Tensor::of<float>({1, 1, 2, 2}, {0, 1, 4, 5})}},
      // Samples at 0.5 and 1.5.
      {"no shift",
       "RoiAlign",
       {kImage, roi, first},
       {{"output_height", std::int64_t{2}},
        {"output_width", std::int64_t{2}},
        {"coordinate_transformation_mode", std::string("output_half_pixel")}},
       {Tensor::of<float>({1, 1, 2, 2}, {2.5f, 3.5f, 6.5f, 7.5f})}},
      {"mean of four samples",
       "RoiAlign",
       {kImage, roi, first},
       {{"sampling_ratio", std::int64_t{2}}},
       {Tensor::of<float>({1, 1, 1, 1}, {2.5f})}},
      {"no regions",
       "RoiAlign",
       {kImage, Tensor::of<float>({0, 4}, {}), Tensor::of<std::int64_t>({0}, {})},
       {},
       {Tensor::of<float>({0, 1, 1, 1}, {})}},
  });
}

TEST(RegionPooling, RefusesBadRegions) {
  check_error({"batch",
               "RoiAlign",
               {kImage, Tensor::of<float>({1, 4}, {0, 0, 1, 1}), Tensor::of<std::int64_t>({1}, {1})},
               {},
               {kImage}},
              "expected batch indices below 1, got 1");
  check_error({"columns",
               "MaxRoiPool",
               {kImage, Tensor::of<float>({1, 4}, {0, 0, 1, 1})},
               {{"pooled_shape", Ints{1, 1}}},
               {kImage}},
              "expected regions of shape [n,5], got [1,4]");
  check_error({"huge",
               "RoiAlign",
               {kImage, Tensor::of<float>({1, 4}, {0, 0, 1e9f, 1e9f}), Tensor::of<std::int64_t>({1}, {0})},
               {},
               {kImage}},
              "expected at most 4096 samples for a bin");
}

}  // namespace
}  // namespace atlas
