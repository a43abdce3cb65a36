// A label sits above its box where there is room, else below.
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

void draw_label(Tensor& image, const OcrLine& line, int size, const Fonts& fonts) {
  const std::string label = fmt::format("{} {:.2f}", line.text, line.confidence);
  const float width = text_width(fonts, label, size) + 6;
  const float height = static_cast<float>(size) * 1.3f;
  const auto [top, bottom] = std::ranges::minmax(line.corners, {}, &Point::y);
  const float left = std::clamp(std::ranges::min(line.corners, {}, &Point::x).x, 0.0f,
                                std::max(0.0f, static_cast<float>(image.dim(1)) - width));
  const float y = top.y >= height + 2 ? top.y - height - 2 : bottom.y + 2;
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
