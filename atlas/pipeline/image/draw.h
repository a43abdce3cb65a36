// Lines, shapes and text drawn on a picture, with smooth edges.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>

#include "atlas/media/font.h"
#include "atlas/pipeline/image/geometry.h"
#include "atlas/tensor/tensor.h"

namespace atlas {

struct Color {
  std::uint8_t red = 0;
  std::uint8_t green = 0;
  std::uint8_t blue = 0;
};

/// All draw on `image`, U8 [height, width, 3], and leave out what lies outside of it. `thickness` in pixels.
void draw_line(Tensor& image, Point from, Point to, float thickness, Color color);
/// The outline, closed.
void draw_polygon(Tensor& image, std::span<const Point> polygon, float thickness, Color color);
/// Covers the pixels from `upper_left` up to, but not with, `lower_right`; `opacity` 0 to 1.
void fill_rectangle(Tensor& image, Point upper_left, Point lower_right, Color color, float opacity);
/// One line of UTF-8 text (other bytes as U+FFFD) from `baseline` to the right.
void draw_text(Tensor& image, const Fonts& fonts, std::string_view text, Point baseline, int size,
               Color color);
/// How far draw_text moves to the right, in pixels.
float text_width(const Fonts& fonts, std::string_view text, int size);

}  // namespace atlas
