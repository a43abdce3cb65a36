// Separable sampling: the positions along each axis are worked out once.
#include "atlas/pipeline/image/resize.h"

#include <algorithm>
#include <cmath>

#include "atlas/base/error.h"

namespace atlas {
namespace {

/// Where an output position reads: between `first` and `second`, `weight` of the second.
struct Sample {
  std::int64_t first = 0;
  std::int64_t second = 0;
  float weight = 0;
};

std::vector<Sample> samples(std::int64_t from, std::int64_t to, Interpolation interpolation) {
  std::vector<Sample> out(static_cast<std::size_t>(to));
  const double scale = static_cast<double>(from) / static_cast<double>(to);
  for (std::size_t i = 0; i < out.size(); ++i) {
    const double position = static_cast<double>(i) * scale;
    if (interpolation == Interpolation::Nearest) {
      out[i].first = out[i].second = std::min(static_cast<std::int64_t>(position), from - 1);
      continue;
    }
    const double centre = std::clamp(position + scale / 2 - 0.5, 0.0, static_cast<double>(from - 1));
    out[i].first = static_cast<std::int64_t>(centre);
    out[i].second = std::min(out[i].first + 1, from - 1);
    out[i].weight = static_cast<float>(centre - static_cast<double>(out[i].first));
  }
  return out;
}

template <typename T>
T rounded(float value) {
  if constexpr (std::is_same_v<T, float>) {
    return value;
  } else {
    return static_cast<T>(value + 0.5f);
  }
}

template <typename T>
void resize_rows(const Tensor& image, Tensor& out, Interpolation interpolation) {
  const std::int64_t channels = image.dim(2);
  const auto rows = samples(image.dim(0), out.dim(0), interpolation);
  const auto columns = samples(image.dim(1), out.dim(1), interpolation);
  const T* from = image.values<T>().data();
  T* to = out.values_mutable<T>().data();
  for (const Sample& row : rows) {
    const T* upper = from + row.first * image.dim(1) * channels;
    const T* lower = from + row.second * image.dim(1) * channels;
    for (const Sample& column : columns)
      for (std::int64_t c = 0; c < channels; ++c) {
        const std::int64_t left = column.first * channels + c;
        const std::int64_t right = column.second * channels + c;
        const float top =
            static_cast<float>(upper[left]) +
            (static_cast<float>(upper[right]) - static_cast<float>(upper[left])) * column.weight;
        const float bottom =
            static_cast<float>(lower[left]) +
            (static_cast<float>(lower[right]) - static_cast<float>(lower[left])) * column.weight;
        *to++ = rounded<T>(top + (bottom - top) * row.weight);
      }
  }
}

}  // namespace

Tensor resize(const Tensor& image, ImageSize size, Interpolation interpolation) {
  require(image.rank() == 3 && image.element_count() > 0 && size.height > 0 && size.width > 0,
          "resize: expected [height,width,channels] to at least a pixel, got {} to {}x{}", text(image),
          size.width, size.height);
  Tensor out(image.dtype(), {size.height, size.width, image.dim(2)});
  if (image.dtype() == DType::F32) {
    resize_rows<float>(image, out, interpolation);
  } else {
    resize_rows<std::uint8_t>(image, out, interpolation);
  }
  return out;
}

ImageSize limited_size(ImageSize size, std::int64_t longest, std::int64_t multiple) {
  const auto longer = static_cast<double>(std::max(size.height, size.width));
  const double scale = std::min(1.0, static_cast<double>(longest) / longer);
  const auto side = [&](std::int64_t extent) {
    const double steps = static_cast<double>(extent) * scale / static_cast<double>(multiple);
    return std::max<std::int64_t>(1, std::llrint(steps)) * multiple;
  };
  return {side(size.height), side(size.width)};
}

}  // namespace atlas
