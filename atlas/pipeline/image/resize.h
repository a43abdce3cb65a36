// Pictures brought to another size.
#pragma once

#include <cstdint>

#include "atlas/tensor/tensor.h"

namespace atlas {

struct ImageSize {
  std::int64_t height = 0;
  std::int64_t width = 0;
};

enum class Interpolation {
  Nearest,   // the pixel at floor(position x scale)
  Bilinear,  // between pixel centres, edges repeated; no averaging when shrinking
};

/// `image`: U8 or F32 [height, width, channels], none empty. Same type, within one level of OpenCV's resize.
/// Throws InvalidArgument.
Tensor resize(const Tensor& image, ImageSize size, Interpolation interpolation);

/// Size whose longer side is at most `longest` (never enlarged), then each side rounded to the nearest
/// multiple of `multiple`, at least one of it.
ImageSize limited_size(ImageSize size, std::int64_t longest, std::int64_t multiple);

}  // namespace atlas
