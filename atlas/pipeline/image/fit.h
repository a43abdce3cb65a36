// A picture fitted to the size that a model takes, and the way back for what was found in it.
#pragma once

#include <array>
#include <cstdint>

#include "atlas/pipeline/image/geometry.h"
#include "atlas/pipeline/image/resize.h"
#include "atlas/tensor/tensor.h"

namespace atlas {

enum class FitMode {
  Stretch,    // both sides resized, whatever that does to proportions
  Letterbox,  // as large as fits, in the middle, the rest filled
  Crop,       // the shorter side resized, then the middle cut out
};

struct FitOptions {
  ImageSize size;
  FitMode mode = FitMode::Stretch;
  Interpolation interpolation = Interpolation::Bilinear;
  std::int64_t fill = 114;        // of Letterbox, each channel
  std::int64_t shorter_side = 0;  // of Crop; 0: that of the size
};

/// `image`: U8 [size.height, size.width, channels].
struct FittedImage {
  Tensor image;
  float scale_x = 1;  // pixels of the fitted picture per pixel of the original
  float scale_y = 1;
  float left = 0;  // where the original's left edge lies; negative where it was cut off
  float top = 0;

  /// A point of the fitted picture in the original.
  Point in_original(Point fitted) const { return {(fitted.x - left) / scale_x, (fitted.y - top) / scale_y}; }
  /// The middle of a pixel of a map that shows the whole fitted picture at another size.
  Point in_original(Point pixel, ImageSize map) const {
    return in_original(
        {(pixel.x + 0.5f) * static_cast<float>(image.dim(1)) / static_cast<float>(map.width),
         (pixel.y + 0.5f) * static_cast<float>(image.dim(0)) / static_cast<float>(map.height)});
  }
};

/// `image`: U8 [height, width, channels], not empty. Throws InvalidArgument where a crop's shorter side is
/// smaller than its size.
FittedImage fit(const Tensor& image, const FitOptions& options);

/// The part of U8 [height, width, channels] from `top`, `left`, which must lie inside.
Tensor cropped(const Tensor& image, std::int64_t top, std::int64_t left, ImageSize size);

}  // namespace atlas
