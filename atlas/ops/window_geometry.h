// Windows that slide over the spatial axes of an image: the arithmetic shared by convolution and pooling.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "atlas/base/function_ref.h"
#include "atlas/graph/graph.h"
#include "atlas/tensor/shape.h"

namespace atlas::ops {

/// A tensor of rank r has r - 2 spatial axes, after batch and channels; all vectors are as long.
struct WindowGeometry {
  enum class AutoPad : std::uint8_t { NotSet, SameUpper, SameLower, Valid };

  std::vector<std::int64_t> kernel;
  std::vector<std::int64_t> strides;
  std::vector<std::int64_t> dilations;
  std::vector<std::int64_t> pads_begin;  // of AutoPad::NotSet; zero otherwise
  std::vector<std::int64_t> pads_end;
  AutoPad auto_pad = AutoPad::NotSet;
  bool ceil_mode = false;

  std::size_t rank() const { return kernel.size(); }
  /// Pixels from the first to the last that a window covers.
  std::int64_t extent(std::size_t axis) const { return (kernel[axis] - 1) * dilations[axis] + 1; }
  /// Elements of the kernel.
  std::int64_t points() const;

  /// Number of windows along an axis of `input` pixels.
  Dim output_extent(std::size_t axis, const Dim& input) const;

  /// The same geometry with the pads that auto_pad means for this image written out.
  WindowGeometry with_explicit_pads(std::span<const std::int64_t> image) const;
};

/// Attributes strides, dilations, pads, auto_pad, ceil_mode and, where `kernel` is empty, kernel_shape; a
/// kernel_shape beside a `kernel` must equal it. Throws InvalidArgument, naming the node, where a list has
/// not `spatial_rank` entries (pads: twice as many) or a value makes no sense.
WindowGeometry read_window(const Node& node, std::size_t spatial_rank, std::vector<std::int64_t> kernel = {});

/// Windows along every axis of an image with these spatial extents. Throws InvalidArgument, naming the node,
/// where the image is known to be smaller than a window.
Dims window_counts(const WindowGeometry& geometry, const Dims& image, const Node& node);
Shape window_counts(const WindowGeometry& geometry, std::span<const std::int64_t> image, const Node& node);

/// A point of a window that lies inside the image: offsets in one plane of the image and in the kernel.
struct Tap {
  std::size_t image;
  std::size_t kernel;
};

struct Window {
  std::size_t index;           // row-major among all windows
  std::span<const Tap> taps;   // in the order of the kernel
  std::int64_t padded_points;  // points inside the image or its padding
};

/// Visits every window, in row-major order. `geometry` has explicit pads.
void for_each_window(const WindowGeometry& geometry, std::span<const std::int64_t> image,
                     std::span<const std::int64_t> counts, FunctionRef<void(const Window&)> visit);

/// Shape without its first two axes.
inline std::span<const std::int64_t> spatial(const Shape& shape) {
  return std::span(shape).subspan(2);
}

}  // namespace atlas::ops
