// Scores are looked at first: most anchors have none to speak of.
#include "atlas/pipeline/post/anchors.h"

#include <cmath>

#include "atlas/base/error.h"

namespace atlas {
namespace {

constexpr std::size_t kMostAnchors = 1'000'000;

Detection decode(const Anchor& anchor, std::span<const float> numbers, const AnchorCode& code) {
  const bool in_pixels = code.form == AnchorCode::Form::Pixels;
  const auto place = [&](std::size_t i) {
    const float along_x = in_pixels ? 1 : code.variance[0] * anchor.width;
    const float along_y = in_pixels ? 1 : code.variance[0] * anchor.height;
    return Point{anchor.x + numbers[i] * along_x, anchor.y + numbers[i + 1] * along_y};
  };
  const auto size = [&](std::size_t i, float own) {
    return in_pixels ? numbers[i] : own * std::exp(numbers[i] * code.variance[1]);
  };
  Detection out;
  const Point middle = place(0);
  out.box = Rectangle::around(middle.x, middle.y, size(2, anchor.width), size(3, anchor.height));
  for (std::size_t i = 4; i + 1 < numbers.size(); i += 2) out.points.push_back(place(i));
  return out;
}

}  // namespace

std::vector<Anchor> anchors(std::span<const AnchorLayer> layers, ImageSize input) {
  std::vector<Anchor> out;
  for (const AnchorLayer& layer : layers) {
    require(layer.stride > 0 && input.height > 0 && input.width > 0, "anchors: expected a stride above 0");
    const std::int64_t rows = (input.height + layer.stride - 1) / layer.stride;
    const std::int64_t columns = (input.width + layer.stride - 1) / layer.stride;
    const std::size_t count = static_cast<std::size_t>(rows * columns) * layer.sizes.size();
    if (count > kMostAnchors - out.size())
      fail(ErrorCode::ResourceExhausted, "anchors: expected at most {}, got more", kMostAnchors);
    for (std::int64_t row = 0; row < rows; ++row)
      for (std::int64_t column = 0; column < columns; ++column)
        for (const auto& [width, height] : layer.sizes)
          out.push_back({(static_cast<float>(column) + 0.5f) * static_cast<float>(layer.stride),
                         (static_cast<float>(row) + 0.5f) * static_cast<float>(layer.stride), width, height});
  }
  return out;
}

std::vector<std::array<float, 2>> ssd_sizes(float scale, float next_scale, std::span<const float> ratios,
                                            float side) {
  const float between = std::sqrt(scale * next_scale);
  std::vector<std::array<float, 2>> out{{scale * side, scale * side}, {between * side, between * side}};
  for (const float ratio : ratios) {
    const float root = std::sqrt(ratio);
    out.push_back({scale * root * side, scale / root * side});
    out.push_back({scale / root * side, scale * root * side});
  }
  return out;
}

std::vector<Detection> decode_anchors(std::span<const Anchor> anchors, const Tensor& boxes,
                                      std::span<const float> scores, const AnchorCode& code,
                                      float least_score) {
  const std::size_t count = anchors.size();
  require(boxes.dtype() == DType::F32 && count > 0 && boxes.element_count() % count == 0 &&
              boxes.element_count() / count >= 4 && scores.size() % count == 0 && !scores.empty(),
          "anchors: expected four numbers or more and a score for each of {} anchors, got {} and {} scores",
          count, text(boxes), scores.size());
  const std::size_t numbers = boxes.element_count() / count;
  const std::size_t labels = scores.size() / count;
  std::vector<Detection> out;
  for (std::size_t i = 0; i < count; ++i)
    for (std::size_t label = 0; label < labels; ++label) {
      const float score = scores[i * labels + label];
      if (!(score >= least_score)) continue;
      Detection one = decode(anchors[i], boxes.values<float>().subspan(i * numbers, numbers), code);
      one.score = score;
      one.label = static_cast<std::int64_t>(label);
      out.push_back(std::move(one));
    }
  return out;
}

}  // namespace atlas
