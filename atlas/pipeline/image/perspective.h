// Cutting a tilted quadrilateral out of a picture, straightened.
#pragma once

#include "atlas/pipeline/image/geometry.h"
#include "atlas/tensor/tensor.h"

namespace atlas {

/// `image`: U8 [height, width, channels]; `corners`: upper left, upper right, lower right, lower left, in its
/// pixels. The crop is as wide and high as the longer of the opposite sides, sampled with bicubic weights
/// (a = -0.75), edges repeated. Throws InvalidArgument where a side is shorter than a pixel or the corners
/// span no area.
Tensor perspective_crop(const Tensor& image, const Quad& corners);

}  // namespace atlas
