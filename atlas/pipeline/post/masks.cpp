// Plane by plane.
#include "atlas/pipeline/post/masks.h"

#include <algorithm>
#include <cmath>

#include "atlas/base/error.h"

namespace atlas {
namespace {

void require_maps(const Tensor& maps, std::string_view where) {
  require(maps.dtype() == DType::F32 && maps.rank() == 4 && maps.dim(0) == 1 && maps.element_count() > 0,
          "{}: expected f32[1,maps,height,width], got {}", where, text(maps));
}

std::span<const float> plane(const Tensor& maps, std::int64_t i) {
  const auto size = static_cast<std::size_t>(maps.dim(2) * maps.dim(3));
  return maps.values<float>().subspan(static_cast<std::size_t>(i) * size, size);
}

}  // namespace

Tensor pixel_labels(const Tensor& scores) {
  require_maps(scores, "segmentation");
  Tensor out(DType::I32, {scores.dim(2), scores.dim(3)});
  const auto labels = out.values_mutable<std::int32_t>();
  std::ranges::fill(labels, 0);
  std::vector<float> best(plane(scores, 0).begin(), plane(scores, 0).end());
  for (std::int64_t label = 1; label < scores.dim(1); ++label) {
    const auto values = plane(scores, label);
    for (std::size_t i = 0; i < values.size(); ++i)
      if (values[i] > best[i]) {
        best[i] = values[i];
        labels[i] = static_cast<std::int32_t>(label);
      }
  }
  return out;
}

Tensor prototype_mask(const Detection& found, const Tensor& prototypes, ImageSize input) {
  require_maps(prototypes, "mask");
  require(prototypes.dim(1) == static_cast<std::int64_t>(found.coefficients.size()),
          "mask: expected {} prototypes, got {}", found.coefficients.size(), text(prototypes));
  const std::int64_t height = prototypes.dim(2);
  const std::int64_t width = prototypes.dim(3);
  const auto count = static_cast<std::size_t>(height * width);
  std::vector<float> sums(count);
  for (std::size_t k = 0; k < found.coefficients.size(); ++k) {
    const auto values = plane(prototypes, static_cast<std::int64_t>(k));
    for (std::size_t i = 0; i < count; ++i) sums[i] += found.coefficients[k] * values[i];
  }
  const float scale_x = static_cast<float>(width) / static_cast<float>(input.width);
  const float scale_y = static_cast<float>(height) / static_cast<float>(input.height);
  Tensor out(DType::U8, {height, width});
  const auto mask = out.values_mutable<std::uint8_t>();
  for (std::size_t i = 0; i < count; ++i) {
    const auto x = static_cast<float>(static_cast<std::int64_t>(i) % width);
    const auto y = static_cast<float>(static_cast<std::int64_t>(i) / width);
    const bool is_inside = x >= found.box.left * scale_x && x < found.box.right * scale_x &&
                           y >= found.box.top * scale_y && y < found.box.bottom * scale_y;
    mask[i] = is_inside && sums[i] > 0;
  }
  return out;
}

std::vector<HeatPoint> heatmap_points(const Tensor& maps) {
  require_maps(maps, "key points");
  const std::int64_t height = maps.dim(2);
  const std::int64_t width = maps.dim(3);
  std::vector<HeatPoint> out;
  for (std::int64_t k = 0; k < maps.dim(1); ++k) {
    const auto values = plane(maps, k);
    const auto best = std::ranges::max_element(values) - values.begin();
    const std::int64_t x = best % width;
    const std::int64_t y = best / width;
    const auto at = [&](std::int64_t row, std::int64_t column) {
      return values[static_cast<std::size_t>(row * width + column)];
    };
    // Towards the higher of two neighbours; at an edge there is only one, and nothing moves.
    const auto shift = [](float before, float after) {
      return after > before ? 0.25f : after < before ? -0.25f : 0;
    };
    const float along_x = x > 0 && x + 1 < width ? shift(at(y, x - 1), at(y, x + 1)) : 0;
    const float along_y = y > 0 && y + 1 < height ? shift(at(y - 1, x), at(y + 1, x)) : 0;
    out.push_back({{static_cast<float>(x) + along_x, static_cast<float>(y) + along_y}, at(y, x)});
  }
  return out;
}

}  // namespace atlas
