// Along rows first, then along columns; of the rows only those that the next row of the result needs are
// kept.
#include "atlas/pipeline/image/resize.h"

#include <algorithm>
#include <cmath>

#include "atlas/base/error.h"
#include "atlas/pipeline/image/sampling.h"

namespace atlas {
namespace {

template <typename T>
float rounded(float value) {
  if constexpr (std::is_same_v<T, float>) {
    return value;
  } else {
    return std::floor(std::clamp(value, 0.0f, 255.0f) + 0.5f);
  }
}

bool is_pillow(Interpolation interpolation) {
  return interpolation >= Interpolation::SmoothBilinear;
}

template <typename T>
class Resizer {
 public:
  Resizer(const Tensor& image, ImageSize size, Interpolation interpolation)
      : from_(image.values<T>().data()),
        stride_(image.dim(1) * image.dim(2)),
        channels_(static_cast<std::size_t>(image.dim(2))),
        rounds_between_(is_pillow(interpolation)) {
    const bool shrinks = size.height <= image.dim(0) && size.width <= image.dim(1);
    rows_ = sampling_windows(image.dim(0), size.height, interpolation, shrinks);
    columns_ = sampling_windows(image.dim(1), size.width, interpolation, shrinks);
    for (const Window& row : rows_) kept_.resize(std::max(kept_.size(), row.weights.size()));
  }

  void write(T* to) {
    std::vector<float> sum(columns_.size() * channels_);
    for (const Window& row : rows_) {
      std::ranges::fill(sum, 0.0f);
      for (std::size_t i = 0; i < row.weights.size(); ++i) {
        const std::vector<float>& values = narrowed(row.first + static_cast<std::int64_t>(i));
        for (std::size_t x = 0; x < sum.size(); ++x) sum[x] += row.weights[i] * values[x];
      }
      for (const float value : sum) *to++ = static_cast<T>(rounded<T>(value));
    }
  }

 private:
  struct Row {
    std::int64_t number = -1;
    std::vector<float> values;
  };

  /// A row of the picture at the width of the result.
  const std::vector<float>& narrowed(std::int64_t number) {
    Row& row = kept_[static_cast<std::size_t>(number) % kept_.size()];
    if (row.number == number) return row.values;
    row.number = number;
    row.values.assign(columns_.size() * channels_, 0.0f);
    float* to = row.values.data();
    for (const Window& column : columns_) {
      const T* pixel = from_ + number * stride_ + column.first * static_cast<std::int64_t>(channels_);
      for (const float weight : column.weights)
        for (std::size_t c = 0; c < channels_; ++c) to[c] += weight * static_cast<float>(*pixel++);
      to += channels_;
    }
    // Pillow's passes are pictures of 8 bits each.
    if (rounds_between_)
      for (float& value : row.values) value = rounded<T>(value);
    return row.values;
  }

  const T* from_;
  std::int64_t stride_;
  std::size_t channels_;
  bool rounds_between_;
  std::vector<Window> rows_;
  std::vector<Window> columns_;
  std::vector<Row> kept_;
};

}  // namespace

Tensor resize(const Tensor& image, ImageSize size, Interpolation interpolation) {
  require(image.rank() == 3 && image.element_count() > 0 && size.height > 0 && size.width > 0,
          "resize: expected [height,width,channels] to at least a pixel, got {} to {}x{}", text(image),
          size.width, size.height);
  if (size.height == image.dim(0) && size.width == image.dim(1) &&
      (image.dtype() == DType::U8 || image.dtype() == DType::F32))
    return image;
  Tensor out(image.dtype(), {size.height, size.width, image.dim(2)});
  if (image.dtype() == DType::F32) {
    Resizer<float>(image, size, interpolation).write(out.values_mutable<float>().data());
  } else {
    Resizer<std::uint8_t>(image, size, interpolation).write(out.values_mutable<std::uint8_t>().data());
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
