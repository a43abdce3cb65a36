// Threshold, regions, smallest rectangles, their mean probability, growth, scaling.
#include "atlas/pipeline/post/text_boxes.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "atlas/base/error.h"
#include "atlas/pipeline/image/contours.h"

namespace atlas {
namespace {

constexpr float kLeastGrown = 2;      // a box must gain this much on its shorter side
constexpr float kLeastInPicture = 3;  // a side of a box in the picture, in pixels

/// Whether the box still turns one way at each corner and has sides to speak of: clipping at the picture's
/// edge can leave less.
bool is_whole(const Quad& corners) {
  for (std::size_t i = 0; i < 4; ++i) {
    const Point in = corners[i] - corners[(i + 3) % 4];
    const Point leaving = corners[(i + 1) % 4] - corners[i];
    if (distance(corners[i], corners[(i + 1) % 4]) <= kLeastInPicture || cross(in, leaving) < 1) return false;
  }
  return true;
}

class ProbabilityMap {
 public:
  explicit ProbabilityMap(const Tensor& tensor)
      : values_(tensor.values<float>()),
        height_(tensor.dim(tensor.rank() - 2)),
        width_(tensor.dim(tensor.rank() - 1)) {}

  std::int64_t height() const { return height_; }
  std::int64_t width() const { return width_; }

  Tensor mask(float threshold) const {
    Tensor out(DType::U8, {height_, width_});
    const auto bits = out.values_mutable<std::uint8_t>();
    for (std::size_t i = 0; i < bits.size(); ++i) bits[i] = values_[i] > threshold;
    return out;
  }

  /// Mean over the pixels that a convex polygon covers, its border included.
  float mean_inside(const Quad& polygon) const {
    double sum = 0;
    std::int64_t count = 0;
    const auto [top, bottom] = std::ranges::minmax(polygon, {}, &Point::y);
    const std::int64_t last = std::min(static_cast<std::int64_t>(std::lround(bottom.y)), height_ - 1);
    for (std::int64_t y = std::max(0L, std::lround(top.y)); y <= last; ++y) {
      const auto [left, right] = span_at(polygon, std::clamp(static_cast<float>(y), top.y, bottom.y));
      const std::int64_t stop = std::min(static_cast<std::int64_t>(std::lround(right)), width_ - 1);
      for (std::int64_t x = std::max(0L, std::lround(left)); x <= stop; ++x, ++count)
        sum += values_[static_cast<std::size_t>(y * width_ + x)];
    }
    return count == 0 ? 0 : static_cast<float>(sum / static_cast<double>(count));
  }

 private:
  static std::pair<float, float> span_at(const Quad& polygon, float y) {
    float left = std::numeric_limits<float>::max();
    float right = std::numeric_limits<float>::lowest();
    for (std::size_t i = 0; i < 4; ++i) {
      const Point a = polygon[i];
      const Point b = polygon[(i + 1) % 4];
      if (y < std::min(a.y, b.y) || y > std::max(a.y, b.y)) continue;
      const float t = a.y == b.y ? 0 : (y - a.y) / (b.y - a.y);
      for (const float x : {a.x + (b.x - a.x) * t, a.y == b.y ? b.x : a.x + (b.x - a.x) * t}) {
        left = std::min(left, x);
        right = std::max(right, x);
      }
    }
    return {left, right};
  }

  std::span<const float> values_;
  std::int64_t height_, width_;
};

Quad scaled(const Quad& corners, const ProbabilityMap& map, ImageSize picture) {
  const auto wide = static_cast<float>(picture.width);
  const auto high = static_cast<float>(picture.height);
  Quad out;
  for (std::size_t i = 0; i < 4; ++i)
    out[i] = {std::clamp(std::round(corners[i].x * wide / static_cast<float>(map.width())), 0.0f, wide),
              std::clamp(std::round(corners[i].y * high / static_cast<float>(map.height())), 0.0f, high)};
  return out;
}

float middle(const TextBox& box) {
  float sum = 0;
  for (const Point& corner : box.corners) sum += corner.y;
  return sum / 4;
}

float left(const TextBox& box) {
  return std::min(box.corners[0].x, box.corners[3].x);
}

float height(const TextBox& box) {
  return distance(box.corners[0], box.corners[3]);
}

}  // namespace

std::vector<TextBox> text_boxes(const Tensor& probability, ImageSize picture, const TextBoxOptions& options) {
  require(probability.rank() >= 2 && probability.element_count() > 0 &&
              static_cast<std::int64_t>(probability.element_count()) ==
                  probability.dim(probability.rank() - 2) * probability.dim(probability.rank() - 1),
          "text boxes: expected one probability map [1,1,height,width], got {}", text(probability));
  const ProbabilityMap map(probability);
  const auto most = static_cast<std::size_t>(options.most_boxes);
  std::vector<TextBox> out;
  for (const Polygon& contour : outer_contours(map.mask(options.threshold), most)) {
    const RotatedRectangle core = min_area_rectangle(contour);
    if (core.shorter_side < options.least_side) continue;
    const float score = map.mean_inside(core.corners);
    if (!(score >= options.box_threshold)) continue;
    const float growth = area(core.corners) * options.unclip_ratio / perimeter(core.corners);
    const RotatedRectangle grown = min_area_rectangle(offset_outward(core.corners, growth));
    if (grown.shorter_side < options.least_side + kLeastGrown) continue;
    const Quad corners = scaled(ordered_corners(grown.corners), map, picture);
    if (is_whole(corners)) out.push_back({corners, score});
  }
  return out;
}

void sort_in_reading_order(std::vector<TextBox>& boxes) {
  std::ranges::stable_sort(boxes, {}, middle);
  for (auto first = boxes.begin(); first != boxes.end();) {
    const float reach = height(*first) / 2;
    const auto next = std::find_if(first, boxes.end(),
                                   [&](const TextBox& box) { return middle(box) - middle(*first) > reach; });
    std::stable_sort(first, next, [](const TextBox& a, const TextBox& b) { return left(a) < left(b); });
    first = next;
  }
}

}  // namespace atlas
