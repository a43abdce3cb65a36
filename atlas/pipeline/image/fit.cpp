// Sizes are rounded as Ultralytics (Letterbox) and torchvision (Crop) round them.
#include "atlas/pipeline/image/fit.h"

#include <algorithm>
#include <cmath>
#include <cstring>

#include "atlas/base/error.h"

namespace atlas {
namespace {

float ratio(std::int64_t to, std::int64_t from) {
  return static_cast<float>(to) / static_cast<float>(from);
}

/// Copies the part of `from` at `top`, `left` to `to_top`, `to_left` of `to`.
void copy_part(const Tensor& from, std::int64_t top, std::int64_t left, ImageSize size, Tensor& to,
               std::int64_t to_top, std::int64_t to_left) {
  const std::int64_t channels = from.dim(2);
  for (std::int64_t y = 0; y < size.height; ++y)
    std::memcpy(to.values_mutable<std::uint8_t>().data() + ((to_top + y) * to.dim(1) + to_left) * channels,
                from.values<std::uint8_t>().data() + ((top + y) * from.dim(1) + left) * channels,
                static_cast<std::size_t>(size.width * channels));
}

FittedImage stretch(const Tensor& image, const FitOptions& options) {
  return {.image = resize(image, options.size, options.interpolation),
          .scale_x = ratio(options.size.width, image.dim(1)),
          .scale_y = ratio(options.size.height, image.dim(0))};
}

FittedImage letterbox(const Tensor& image, const FitOptions& options) {
  const double scale = std::min(static_cast<double>(options.size.height) / static_cast<double>(image.dim(0)),
                                static_cast<double>(options.size.width) / static_cast<double>(image.dim(1)));
  const auto side = [&](std::int64_t extent) {
    return std::max<std::int64_t>(1, std::llrint(static_cast<double>(extent) * scale));
  };
  const ImageSize inner{side(image.dim(0)), side(image.dim(1))};
  // Of an odd rest the smaller half comes first.
  const std::int64_t top = (options.size.height - inner.height) / 2;
  const std::int64_t left = (options.size.width - inner.width) / 2;
  FittedImage out{.image = Tensor(DType::U8, {options.size.height, options.size.width, image.dim(2)}),
                  .scale_x = ratio(inner.width, image.dim(1)),
                  .scale_y = ratio(inner.height, image.dim(0)),
                  .left = static_cast<float>(left),
                  .top = static_cast<float>(top)};
  std::ranges::fill(out.image.values_mutable<std::uint8_t>(), static_cast<std::uint8_t>(options.fill));
  copy_part(resize(image, inner, options.interpolation), 0, 0, inner, out.image, top, left);
  return out;
}

FittedImage crop(const Tensor& image, const FitOptions& options) {
  const std::int64_t shorter =
      options.shorter_side > 0 ? options.shorter_side : std::max(options.size.height, options.size.width);
  const std::int64_t own = std::min(image.dim(0), image.dim(1));
  // The longer side is cut to whole pixels.
  ImageSize inner{image.dim(0) * shorter / own, image.dim(1) * shorter / own};
  require(inner.height >= options.size.height && inner.width >= options.size.width,
          "fit: expected a shorter side of {} at least, got {}",
          std::max(options.size.height, options.size.width), shorter);
  const std::int64_t top = std::llrint(static_cast<double>(inner.height - options.size.height) / 2);
  const std::int64_t left = std::llrint(static_cast<double>(inner.width - options.size.width) / 2);
  return {.image = cropped(resize(image, inner, options.interpolation), top, left, options.size),
          .scale_x = ratio(inner.width, image.dim(1)),
          .scale_y = ratio(inner.height, image.dim(0)),
          .left = -static_cast<float>(left),
          .top = -static_cast<float>(top)};
}

}  // namespace

Tensor cropped(const Tensor& image, std::int64_t top, std::int64_t left, ImageSize size) {
  require(image.rank() == 3 && top >= 0 && left >= 0 && size.height > 0 && size.width > 0 &&
              top <= image.dim(0) - size.height && left <= image.dim(1) - size.width,
          "crop: {}x{} at {},{} lies not inside {}", size.width, size.height, left, top, text(image));
  Tensor out(DType::U8, {size.height, size.width, image.dim(2)});
  copy_part(image, top, left, size, out, 0, 0);
  return out;
}

FittedImage fit(const Tensor& image, const FitOptions& options) {
  require(image.rank() == 3 && image.element_count() > 0 && options.size.height > 0 && options.size.width > 0,
          "fit: expected u8[height,width,channels] to at least a pixel, got {}", text(image));
  switch (options.mode) {
    case FitMode::Stretch:
      return stretch(image, options);
    case FitMode::Letterbox:
      return letterbox(image, options);
    case FitMode::Crop:
      return crop(image, options);
  }
  return {};
}

}  // namespace atlas
