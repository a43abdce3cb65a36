// A label stands right of its box where there is room, else left of it, else over its lower edge.
#include "atlas/pipeline/ocr_annotation.h"

#include <fmt/core.h>

#include <algorithm>

#include "atlas/pipeline/draw.h"

namespace atlas {
namespace {

constexpr Color kOutline{255, 64, 0};
constexpr Color kLabel{20, 20, 20};
constexpr Color kText{255, 255, 255};
constexpr float kLabelOpacity = 0.75f;
constexpr float kGap = 4;  // between box and label, in pixels

void draw_label(Tensor& image, const OcrLine& line, int size, const Fonts& fonts) {
  const std::string label = fmt::format("{} {:.2f}", line.text, line.confidence);
  const float width = text_width(fonts, label, size) + 6;
  const float height = static_cast<float>(size) * 1.3f;
  const auto [top, bottom] = std::ranges::minmax(line.corners, {}, &Point::y);
  const auto [leftmost, rightmost] = std::ranges::minmax(line.corners, {}, &Point::x);
  const auto room = static_cast<float>(image.dim(1));
  float left = rightmost.x + kGap;
  float y = (top.y + bottom.y - height) / 2;
  if (left + width > room) left = leftmost.x - kGap - width;
  if (left < 0) {
    left = std::clamp(leftmost.x, 0.0f, std::max(0.0f, room - width));
    y = std::min(bottom.y, static_cast<float>(image.dim(0)) - height);
  }
  fill_rectangle(image, {left, y}, {left + width, y + height}, kLabel, kLabelOpacity);
  draw_text(image, fonts, label, {left + 3, y + static_cast<float>(size)}, size, kText);
}

}  // namespace

void draw_lines(Tensor& image, std::span<const OcrLine> lines, const Fonts& fonts) {
  const std::int64_t longer = std::max(image.dim(0), image.dim(1));
  const int size = static_cast<int>(std::clamp<std::int64_t>(longer / 50, 12, 64));
  for (const OcrLine& line : lines) draw_polygon(image, line.corners, static_cast<float>(size) / 8, kOutline);
  for (const OcrLine& line : lines) draw_label(image, line, size, fonts);
}

}  // namespace atlas
