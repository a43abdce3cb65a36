#include "atlas/pipeline/draw.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <limits>

#include "atlas/base/error.h"

namespace atlas {
namespace {

constexpr Color kWhite{255, 255, 255};

Tensor black(std::int64_t height, std::int64_t width) {
  Tensor image(DType::U8, {height, width, 3});
  std::ranges::fill(image.values_mutable<std::uint8_t>(), 0);
  return image;
}

int red(const Tensor& image, std::int64_t x, std::int64_t y) {
  return image.values<std::uint8_t>()[static_cast<std::size_t>((y * image.dim(1) + x) * 3)];
}

TEST(Draw, LinesAreSmoothAndAsThickAsAsked) {
  Tensor image = black(9, 20);
  draw_line(image, {2, 4}, {17, 4}, 2, kWhite);
  EXPECT_EQ(red(image, 10, 4), 255);
  EXPECT_NEAR(red(image, 10, 5), 128, 1);
  EXPECT_EQ(red(image, 10, 6), 0);
}

TEST(Draw, NothingOutsideIsTouched) {
  Tensor image = black(5, 5);
  draw_line(image, {-1000, -1000}, {1000, 1000}, 1, kWhite);
  EXPECT_EQ(red(image, 2, 2), 255);
  const float nan = std::numeric_limits<float>::quiet_NaN();
  draw_line(image, {nan, 0}, {2, nan}, 1, kWhite);
  draw_polygon(image, Polygon{{-5, -5}, {50, 2}, {3, 70}}, 3, kWhite);
  fill_rectangle(image, {-3, -3}, {2, 2}, {200, 0, 0}, 1);
  EXPECT_EQ(red(image, 1, 1), 200);
  Tensor grey(DType::U8, {2, 2, 1});
  EXPECT_THROW(draw_line(grey, {0, 0}, {1, 1}, 1, kWhite), Error);
}

TEST(Draw, TextCoversItsWidth) {
  const Fonts fonts = Fonts::standard();
  Tensor image = black(40, 200);
  draw_text(image, fonts, "Atlas \xC3\xA9", {5, 30}, 24, kWhite);
  const float width = text_width(fonts, "Atlas \xC3\xA9", 24);
  EXPECT_GT(width, 60);
  int rightmost = 0;
  for (int y = 0; y < 40; ++y)
    for (int x = 0; x < 200; ++x)
      if (red(image, x, y) > 0) rightmost = std::max(rightmost, x);
  EXPECT_NEAR(static_cast<float>(rightmost), 5 + width, 3);
  draw_text(image, fonts, "\xFF out of the picture", {-50, 400}, 24, kWhite);
}

}  // namespace
}  // namespace atlas
