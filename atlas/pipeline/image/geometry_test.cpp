#include "atlas/pipeline/image/geometry.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <numbers>
#include <random>

#include "atlas/base/error.h"
#include "atlas/pipeline/image/contours.h"

namespace atlas {
namespace {

Tensor mask(std::int64_t width, std::string_view picture) {
  Tensor out(DType::U8, {static_cast<std::int64_t>(picture.size()) / width, width});
  for (std::size_t i = 0; i < picture.size(); ++i) out.values_mutable<std::uint8_t>()[i] = picture[i] == '#';
  return out;
}

bool has(const Polygon& polygon, float x, float y) {
  for (const Point& point : polygon)
    if (point.x == x && point.y == y) return true;
  return false;
}

TEST(Geometry, HullKeepsCornersOnly) {
  const Polygon hull = convex_hull(Polygon{{0, 0}, {2, 0}, {1, 1}, {4, 0}, {4, 3}, {0, 3}, {0, 1}, {0, 0}});
  EXPECT_EQ(hull.size(), 4u);
  EXPECT_FLOAT_EQ(area(hull), 12);
  EXPECT_FLOAT_EQ(perimeter(hull), 14);
  EXPECT_EQ(convex_hull(Polygon{{1, 1}, {2, 2}, {3, 3}}).size(), 2u);
}

TEST(Geometry, SmallestRectangleFindsATiltedOne) {
  std::mt19937 random(5);
  std::uniform_real_distribution<float> unit(0, 1);
  const float angle = 0.4f;
  const Point along{std::cos(angle), std::sin(angle)};
  const Point across{-along.y, along.x};
  Polygon points{{10, 10},
                 Point{10, 10} + along * 20,
                 Point{10, 10} + across * 5,
                 Point{10, 10} + along * 20 + across * 5};
  for (int i = 0; i < 200; ++i)
    points.push_back(Point{10, 10} + along * (20 * unit(random)) + across * (5 * unit(random)));
  const RotatedRectangle rectangle = min_area_rectangle(points);
  EXPECT_NEAR(rectangle.shorter_side, 5, 1e-3);
  EXPECT_NEAR(area(rectangle.corners), 100, 0.05);
  const Quad corners = ordered_corners(rectangle.corners);
  EXPECT_NEAR(corners[1].x, 10 + 20 * along.x, 1e-3);
  EXPECT_NEAR(corners[3].y, 10 + 5 * across.y, 1e-3);
  EXPECT_EQ(min_area_rectangle(Polygon{{3, 4}}).shorter_side, 0);
  EXPECT_EQ(min_area_rectangle(Polygon{{3, 4}, {5, 8}}).shorter_side, 0);
  EXPECT_THROW(min_area_rectangle({}), Error);
}

TEST(Geometry, OffsetIsRoundAtCorners) {
  const Polygon square{{0, 0}, {10, 0}, {10, 10}, {0, 10}};
  const Polygon grown = offset_outward(square, 2);
  EXPECT_NEAR(area(grown), 100 + 4 * 20 + std::numbers::pi * 4, 0.1);
  EXPECT_NEAR(min_area_rectangle(grown).shorter_side, 14, 1e-4);
  EXPECT_THROW(offset_outward(Polygon{{0, 0}, {1, 1}}, 2), Error);
  EXPECT_THROW(offset_outward(square, -1), Error);
}

TEST(Contours, WalkAroundEachRegion) {
  const Tensor picture = mask(8,
                              "........"
                              ".###..#."
                              ".#.#...#"
                              ".###...."
                              "........"
                              "#.....##");
  const std::vector<Polygon> found = outer_contours(picture, 10);
  ASSERT_EQ(found.size(), 4u);
  EXPECT_EQ(found[0].size(), 8u);  // the ring, not its hole
  EXPECT_EQ(found[1].size(), 2u);  // touching at a corner
  EXPECT_TRUE(has(found[1], 6, 1) && has(found[1], 7, 2));
  EXPECT_EQ(found[2].size(), 1u);
  EXPECT_EQ(found[3].size(), 2u);
  EXPECT_EQ(outer_contours(picture, 2).size(), 2u);
  EXPECT_TRUE(outer_contours(mask(3, "........."), 9).empty());
}

TEST(Contours, BordersEncloseEveryPixelOfNoise) {
  std::mt19937 random(9);
  for (int round = 0; round < 200; ++round) {
    Tensor noise(DType::U8, {9, 11});
    for (std::uint8_t& pixel : noise.values_mutable<std::uint8_t>()) pixel = random() % 3 != 0;
    const std::vector<Polygon> contours = outer_contours(noise, 1000);
    const auto encloses = [](const Polygon& contour, float x, float y) {
      const auto [left, right] = std::ranges::minmax(contour, {}, &Point::x);
      const auto [top, bottom] = std::ranges::minmax(contour, {}, &Point::y);
      return left.x <= x && x <= right.x && top.y <= y && y <= bottom.y;
    };
    for (std::size_t i = 0; i < noise.element_count(); ++i) {
      if (noise.values<std::uint8_t>()[i] == 0) continue;
      const auto x = static_cast<float>(i % 11);
      const auto y = static_cast<float>(i / 11);
      EXPECT_TRUE(
          std::ranges::any_of(contours, [&](const Polygon& contour) { return encloses(contour, x, y); }));
    }
    for (const Polygon& contour : contours)
      for (const Point& point : contour)
        ASSERT_NE(noise.values<std::uint8_t>()[static_cast<std::size_t>(point.y * 11 + point.x)], 0);
  }
}

}  // namespace
}  // namespace atlas
