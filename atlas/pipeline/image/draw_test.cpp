#include "atlas/pipeline/image/draw.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <limits>

#include "atlas/base/error.h"
#include "atlas/pipeline/image/draw_marks.h"

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

TEST(Draw, MarksAreOutlinedDottedAndLabelled) {
  Tensor image = black(100, 200);
  const Mark box{.outline = {{20, 20}, {60, 20}, {60, 50}, {20, 50}}, .points = {{40, 35}}, .label = "face"};
  draw_marks(image, std::vector{box}, Fonts::standard());
  EXPECT_EQ(red(image, 40, 20), 255);                                     // the outline
  EXPECT_EQ(red(image, 30, 30), 0);                                       // not what is inside
  EXPECT_EQ(image.values<std::uint8_t>()[(35 * 200 + 40) * 3 + 2], 255);  // the point, blue
  int letters = 0;
  for (std::int64_t y = 25; y < 45; ++y)
    for (std::int64_t x = 64; x < 100; ++x) letters += red(image, x, y) > 100;
  EXPECT_GT(letters, 20);  // to the right, where there is room

  Tensor narrow = black(100, 62);
  draw_marks(narrow, std::vector{box}, Fonts::standard());
  EXPECT_EQ(red(narrow, 30, 30), 0);
  int below = 0;
  for (std::int64_t y = 52; y < 66; ++y)
    for (std::int64_t x = 20; x < 60; ++x) below += red(narrow, x, y) > 100;
  EXPECT_GT(below, 20);  // under the lower edge, where there is none

  Tensor plain = black(40, 200);
  draw_marks(plain, std::vector{Mark{.label = "a cat"}}, Fonts::standard());
  EXPECT_EQ(red(plain, 5, 5), 15);  // a label in the upper left corner
}

}  // namespace
}  // namespace atlas
