// Interpolation as weighted pixels along each axis, and their sum over a plane of any rank.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

namespace atlas::ops {

/// A pixel that contributes to a sample. Pixels outside the image are left out.
struct WeightedPixel {
  std::int64_t index;
  double weight;
};

/// Pixels along one axis; none where the sample lies outside.
using AxisSample = std::vector<WeightedPixel>;

/// The neighbours of a coordinate in pixels (pixel 0 at 0), those outside [0, extent) left out.
AxisSample linear_sample(double at, std::int64_t extent);

/// The sum over all combinations of the axes' pixels; `shape` is that of the plane.
double weighted_sum(std::span<const double> plane, std::span<const std::int64_t> shape,
                    std::span<const AxisSample> axes);

}  // namespace atlas::ops
