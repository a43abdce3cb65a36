#include "atlas/pipeline/post/masks.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "atlas/base/error.h"
#include "atlas/tensor/elements.h"

namespace atlas {
namespace {

using testing::ElementsAre;

TEST(Masks, PixelsTakeTheirLargestScore) {
  const Tensor scores = Tensor::of<float>({1, 3, 1, 4}, {0, 5, 1, 2,  //
                                                         1, 4, 1, 3,  //
                                                         2, 5, 0, -1});
  EXPECT_THAT(to_doubles(pixel_labels(scores)), ElementsAre(2, 0, 0, 1));
  EXPECT_THROW(pixel_labels(Tensor(DType::F32, {2, 3, 1, 4})), Error);
}

TEST(Masks, PrototypesAddUpInsideTheBox) {
  const Tensor prototypes = Tensor::of<float>({1, 2, 2, 3}, {1, 1, 1, 1, 1, 1,  //
                                                             0, 2, 0, 0, 0, 2});
  // 1 x first - 1 x second, in a box that leaves out the left column: input 6x4 for a map 3x2.
  const Detection found{.box = {2, 0, 6, 4}, .coefficients = {1, -1}};
  EXPECT_THAT(to_doubles(prototype_mask(found, prototypes, {4, 6})), ElementsAre(0, 0, 1, 0, 1, 0));
  EXPECT_THROW(prototype_mask({.coefficients = {1}}, prototypes, {4, 6}), Error);
}

TEST(Masks, PointsAreWhereMapsAreHighest) {
  Tensor maps(DType::F32, {1, 2, 4, 5});
  std::ranges::fill(maps.values_mutable<float>(), 0.0f);
  const auto values = maps.values_mutable<float>();
  values[2 * 5 + 3] = 0.9f;  // x 3, y 2
  values[2 * 5 + 4] = 0.5f;  // its right neighbour is the higher
  values[1 * 5 + 3] = 0.2f;  // and that above
  values[20 + 0] = 0.4f;     // of the second map the corner
  const std::vector<HeatPoint> points = heatmap_points(maps);
  ASSERT_EQ(points.size(), 2u);
  EXPECT_FLOAT_EQ(points[0].place.x, 3.25f);
  EXPECT_FLOAT_EQ(points[0].place.y, 1.75f);
  EXPECT_FLOAT_EQ(points[0].score, 0.9f);
  EXPECT_FLOAT_EQ(points[1].place.x, 0);
  EXPECT_FLOAT_EQ(points[1].place.y, 0);
  EXPECT_THROW(heatmap_points(Tensor(DType::F32, {1, 0, 4, 5})), Error);
}

}  // namespace
}  // namespace atlas
