// Maps over a picture: which pixels are what, and where points are.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "atlas/pipeline/post/detection.h"
#include "atlas/tensor/tensor.h"

namespace atlas {

/// The label of each pixel, I32 [height, width]: that of its largest score, of equals the first. `scores`:
/// F32 [1, labels, height, width]. Throws InvalidArgument.
Tensor pixel_labels(const Tensor& scores);

/// The mask of one thing, U8 [height, width] of 0 and 1, at the size of the prototypes: 1 where the sum of
/// the prototypes weighted by the thing's coefficients is above 0 (a probability above one half), and only
/// inside its box. `prototypes`: F32 [1, coefficients, height, width]; `box` is in pixels of an input of size
/// `input`, of which the prototypes show the whole. Throws InvalidArgument.
Tensor prototype_mask(const Detection& found, const Tensor& prototypes, ImageSize input);

struct HeatPoint {
  Point place;      // in pixels of the map
  float score = 0;  // the map's value there
};

/// For each map of F32 [1, points, height, width] where it is highest, moved a quarter of a pixel towards the
/// higher neighbour along each axis (Newell et al. 2016). Throws InvalidArgument.
std::vector<HeatPoint> heatmap_points(const Tensor& maps);

}  // namespace atlas
