// Where each output pixel of a Resize reads along one axis: what reference and kernels share.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "atlas/graph/graph.h"
#include "atlas/ops/interpolation.h"
#include "atlas/tensor/tensor.h"

namespace atlas::ops {

/// The attributes of a Resize, with their defaults.
struct ResizeRule {
  std::string mode = "nearest";
  std::string coordinates = "half_pixel";
  std::string rounding = "round_prefer_floor";
  std::string policy = "stretch";
  double cubic_a = -0.75;
  bool exclude_outside = false;
  bool antialias = false;
};
ResizeRule read_resize_rule(const Node& node);

/// One axis before and after. `width` is the output before it was rounded to pixels.
struct ResizedAxis {
  std::int64_t input = 0;
  std::int64_t output = 0;
  double width = 0;
  double start = 0;  // of the region of interest, in [0, 1]
  double end = 1;

  bool is_same() const {
    return input == output && width == static_cast<double>(output) && start == 0 && end == 1;
  }
};

/// Axes that scales, sizes and roi speak of, in their order.
std::vector<std::size_t> resized_axes(const Node& node, std::size_t rank);

/// All axes of an input of `shape`; roi, scales and sizes may be null or empty. Throws InvalidArgument,
/// naming the node, where they do not fit.
std::vector<ResizedAxis> read_resized_axes(const Node& node, const ResizeRule& rule, const Shape& shape,
                                           const Tensor* roi, const Tensor* scales, const Tensor* sizes);

/// What nearest_pixel gives for a pixel outside the region that is cropped.
inline constexpr std::int64_t kCropped = -1;

/// The input pixel for output pixel `pixel` under mode nearest, or kCropped.
std::int64_t nearest_pixel(const Node& node, const ResizeRule& rule, const ResizedAxis& axis,
                           std::int64_t pixel);

/// The weighted input pixels for output pixel `pixel` under the modes linear and cubic; none where it is
/// outside the region that is cropped.
AxisSample interpolated_sample(const Node& node, const ResizeRule& rule, const ResizedAxis& axis,
                               std::int64_t pixel);

}  // namespace atlas::ops
