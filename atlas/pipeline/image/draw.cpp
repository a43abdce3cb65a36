// Coverage of each pixel, blended.
#include "atlas/pipeline/image/draw.h"

#include <algorithm>
#include <cmath>
#include <string>

#include "atlas/base/error.h"
#include "atlas/base/utf8.h"

namespace atlas {
namespace {

class Canvas {
 public:
  explicit Canvas(Tensor& image)
      : pixels_(image.values_mutable<std::uint8_t>().data()), height_(image.dim(0)), width_(image.dim(1)) {
    require(image.rank() == 3 && image.dim(2) == 3, "draw: expected a picture u8[height,width,3], got {}",
            text(image));
  }

  void blend(std::int64_t x, std::int64_t y, Color color, float coverage) {
    if (x < 0 || y < 0 || x >= width_ || y >= height_ || !(coverage > 0)) return;
    std::uint8_t* pixel = pixels_ + (y * width_ + x) * 3;
    const std::uint8_t channels[] = {color.red, color.green, color.blue};
    for (int c = 0; c < 3; ++c) {
      const float mixed =
          static_cast<float>(pixel[c]) +
          (static_cast<float>(channels[c]) - static_cast<float>(pixel[c])) * std::min(coverage, 1.0f);
      pixel[c] = static_cast<std::uint8_t>(std::lround(mixed));
    }
  }

  /// A coordinate along y or x, brought into the picture.
  std::int64_t row(float y) const { return bounded(y, height_); }
  std::int64_t column(float x) const { return bounded(x, width_); }

 private:
  static std::int64_t bounded(float value, std::int64_t extent) {
    return std::isnan(value) ? 0
                             : static_cast<std::int64_t>(std::clamp(value, 0.0f, static_cast<float>(extent)));
  }

  std::uint8_t* pixels_;
  std::int64_t height_, width_;
};

float distance_to_segment(Point point, Point from, Point to) {
  const Point along = to - from;
  const float squared = dot(along, along);
  const float t = squared > 0 ? std::clamp(dot(point - from, along) / squared, 0.0f, 1.0f) : 0;
  return distance(point, from + along * t);
}

std::u32string characters(std::string_view utf8) {
  if (auto points = decode_utf8(utf8)) return *points;
  std::u32string out;
  for (const char c : utf8)
    out.push_back(static_cast<unsigned char>(c) < 0x80 ? static_cast<char32_t>(c) : U'\uFFFD');
  return out;
}

}  // namespace

void draw_line(Tensor& image, Point from, Point to, float thickness, Color color) {
  Canvas canvas(image);
  const float reach = thickness / 2 + 1;
  const std::int64_t bottom = canvas.row(std::max(from.y, to.y) + reach + 1);
  const std::int64_t right = canvas.column(std::max(from.x, to.x) + reach + 1);
  for (std::int64_t y = canvas.row(std::min(from.y, to.y) - reach); y < bottom; ++y)
    for (std::int64_t x = canvas.column(std::min(from.x, to.x) - reach); x < right; ++x) {
      const float away = distance_to_segment({static_cast<float>(x), static_cast<float>(y)}, from, to);
      canvas.blend(x, y, color, thickness / 2 + 0.5f - away);
    }
}

void draw_polygon(Tensor& image, std::span<const Point> polygon, float thickness, Color color) {
  for (std::size_t i = 0; i < polygon.size(); ++i)
    draw_line(image, polygon[i], polygon[(i + 1) % polygon.size()], thickness, color);
}

void fill_rectangle(Tensor& image, Point upper_left, Point lower_right, Color color, float opacity) {
  Canvas canvas(image);
  for (std::int64_t y = canvas.row(upper_left.y); y < canvas.row(lower_right.y); ++y)
    for (std::int64_t x = canvas.column(upper_left.x); x < canvas.column(lower_right.x); ++x)
      canvas.blend(x, y, color, opacity);
}

void draw_text(Tensor& image, const Fonts& fonts, std::string_view text, Point baseline, int size,
               Color color) {
  Canvas canvas(image);
  for (const char32_t character : characters(text)) {
    const Glyph glyph = fonts.glyph(character, size);
    if (glyph.coverage.is_defined()) {
      const auto left = static_cast<std::int64_t>(std::lround(baseline.x)) + glyph.left;
      const auto top = static_cast<std::int64_t>(std::lround(baseline.y)) - glyph.top;
      const std::uint8_t* coverage = glyph.coverage.values<std::uint8_t>().data();
      for (std::int64_t y = 0; y < glyph.coverage.dim(0); ++y)
        for (std::int64_t x = 0; x < glyph.coverage.dim(1); ++x)
          canvas.blend(left + x, top + y, color, static_cast<float>(*coverage++) / 255);
    }
    baseline.x += glyph.advance;
  }
}

float text_width(const Fonts& fonts, std::string_view text, int size) {
  float width = 0;
  for (const char32_t character : characters(text)) width += fonts.glyph(character, size).advance;
  return width;
}

}  // namespace atlas
