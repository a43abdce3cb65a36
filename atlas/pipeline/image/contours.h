// Borders of the regions of a binary mask.
#pragma once

#include <cstddef>
#include <vector>

#include "atlas/pipeline/image/geometry.h"
#include "atlas/tensor/tensor.h"

namespace atlas {

/// `mask`: U8 [height, width], inside where not 0. For each region of pixels that touch at sides or corners
/// the pixels of its outer border in order around, regions by their first pixel in reading order, `most` of
/// them at most. Holes have no border of their own.
std::vector<Polygon> outer_contours(const Tensor& mask, std::size_t most);

}  // namespace atlas
