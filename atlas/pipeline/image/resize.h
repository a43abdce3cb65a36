// Pictures brought to another size.
#pragma once

#include <cstdint>

#include "atlas/tensor/tensor.h"

namespace atlas {

struct ImageSize {
  std::int64_t height = 0;
  std::int64_t width = 0;
};

/// The first four are OpenCV's, which look at a fixed number of pixels however much a picture shrinks (but
/// for Area); the last three are Pillow's, whose filters widen with it.
enum class Interpolation {
  Nearest,         // cv2.INTER_NEAREST: the pixel at floor(position x scale)
  Bilinear,        // cv2.INTER_LINEAR: between pixel centres, edges repeated
  Bicubic,         // cv2.INTER_CUBIC: Keys' kernel with a = -0.75
  Area,            // cv2.INTER_AREA: mean of what a pixel covers; where either side grows, a kind of bilinear
  SmoothBilinear,  // PIL BILINEAR
  SmoothBicubic,   // PIL BICUBIC: a = -0.5
  Lanczos,         // PIL LANCZOS: three lobes
};

/// `image`: U8 or F32 [height, width, channels], none empty. Same type, U8 within one level of the library
/// named above; the picture itself where the size is its own. Throws InvalidArgument.
Tensor resize(const Tensor& image, ImageSize size, Interpolation interpolation);

/// Size whose longer side is at most `longest` (never enlarged), then each side rounded to the nearest
/// multiple of `multiple`, at least one of it.
ImageSize limited_size(ImageSize size, std::int64_t longest, std::int64_t multiple);

}  // namespace atlas
