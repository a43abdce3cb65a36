// Reading of a pooling's attributes and shapes.
#include "atlas/targets/cpu/pool_node.h"

#include "atlas/ops/window_geometry.h"
#include "atlas/targets/cpu/spatial_sizes.h"

namespace atlas::cpu {

Pooling read_pooling(const KernelContext& context, const Node& node, const Shape& x) {
  context.check(x.size() >= 3 && x.size() <= 2 + kMaxSpatialRank, "expected an image, got {}", shown(x));
  const std::span<const std::int64_t> image = ops::spatial(x);
  const ops::WindowGeometry window = ops::read_window(node, image.size()).with_explicit_pads(image);
  const Shape counts = ops::window_counts(window, image, node);
  Pooling out;
  out.output = {x[0], x[1]};
  out.output.insert(out.output.end(), counts.begin(), counts.end());
  out.shape.channels = static_cast<std::size_t>(x[0] * x[1]);
  out.shape.input = spatial_of(image, 1);
  out.shape.kernel = spatial_of(window.kernel, 1);
  out.shape.stride = spatial_of(window.strides, 1);
  out.shape.dilation = spatial_of(window.dilations, 1);
  out.shape.pad_begin = spatial_of(window.pads_begin, 0);
  out.shape.pad_end = spatial_of(window.pads_end, 0);
  out.shape.output = spatial_of(counts, 1);
  return out;
}

}  // namespace atlas::cpu
