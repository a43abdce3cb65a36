// A label stands right of its outline where there is room, else left of it, else over its lower edge.
#include "atlas/pipeline/image/draw_marks.h"

#include <algorithm>

#include "atlas/pipeline/image/draw.h"

namespace atlas {
namespace {

constexpr Color kOutline{255, 64, 0};
constexpr Color kPoint{0, 200, 255};
constexpr Color kLabel{20, 20, 20};
constexpr Color kText{255, 255, 255};
constexpr float kLabelOpacity = 0.75f;
constexpr float kGap = 4;  // between outline and label, in pixels

/// Draws a label with its upper left corner there.
void draw_label_at(Tensor& image, std::string_view label, Point corner, int size, const Fonts& fonts) {
  const float width = text_width(fonts, label, size) + 6;
  const float height = static_cast<float>(size) * 1.3f;
  fill_rectangle(image, corner, {corner.x + width, corner.y + height}, kLabel, kLabelOpacity);
  draw_text(image, fonts, label, {corner.x + 3, corner.y + static_cast<float>(size)}, size, kText);
}

Point place_beside(const Polygon& outline, float width, float height, const Tensor& image) {
  const auto [top, bottom] = std::ranges::minmax(outline, {}, &Point::y);
  const auto [leftmost, rightmost] = std::ranges::minmax(outline, {}, &Point::x);
  const auto room = static_cast<float>(image.dim(1));
  const float y = (top.y + bottom.y - height) / 2;
  if (rightmost.x + kGap + width <= room) return {rightmost.x + kGap, y};
  if (leftmost.x - kGap - width >= 0) return {leftmost.x - kGap - width, y};
  return {std::clamp(leftmost.x, 0.0f, std::max(0.0f, room - width)),
          std::min(bottom.y, static_cast<float>(image.dim(0)) - height)};
}

}  // namespace

void draw_marks(Tensor& image, std::span<const Mark> marks, const Fonts& fonts) {
  const std::int64_t longer = std::max(image.dim(0), image.dim(1));
  const int size = static_cast<int>(std::clamp<std::int64_t>(longer / 50, 12, 64));
  const float thickness = static_cast<float>(size) / 8;
  for (const Mark& mark : marks) {
    if (!mark.outline.empty()) draw_polygon(image, mark.outline, thickness, kOutline);
    for (const Point& point : mark.points) draw_line(image, point, point, 3 * thickness, kPoint);
  }
  const float height = static_cast<float>(size) * 1.3f;
  float next_line = kGap;
  for (const Mark& mark : marks) {
    if (mark.label.empty()) continue;
    if (mark.outline.empty()) {
      draw_label_at(image, mark.label, {kGap, next_line}, size, fonts);
      next_line += height;
      continue;
    }
    const float width = text_width(fonts, mark.label, size) + 6;
    draw_label_at(image, mark.label, place_beside(mark.outline, width, height, image), size, fonts);
  }
}

}  // namespace atlas
