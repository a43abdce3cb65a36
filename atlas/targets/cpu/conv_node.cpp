// Reading of a convolution's attributes and shapes.
#include "atlas/targets/cpu/conv_node.h"

#include "atlas/ops/blocked_channels.h"
#include "atlas/ops/window_geometry.h"
#include "atlas/targets/cpu/kernels/bf16_conv.h"
#include "atlas/targets/cpu/node_epilogue.h"
#include "atlas/targets/cpu/spatial_sizes.h"
#include "atlas/targets/cpu/tensor_numbers.h"

namespace atlas::cpu {
namespace {

// What is known of a convolution before it runs.
ConvShape known_shape(const NodeView& node, const Shape& weights, const Dims& image) {
  ConvShape shape = ConvNode(node).weight_shape(weights);
  const std::size_t axes = weights.size() - 2;
  Shape extents;
  for (std::size_t i = 0; i < axes; ++i)
    extents.push_back(image[i + 2].is_constant() ? image[i + 2].value() : 0);
  shape.input = spatial_of(extents, 1);
  const std::vector<std::int64_t> strides = node.ints("strides"), dilations = node.ints("dilations");
  if (strides.size() == axes) shape.stride = spatial_of(strides, 1);
  if (dilations.size() == axes) shape.dilation = spatial_of(dilations, 1);
  if (const std::vector<std::int64_t> pads = node.ints("pads"); pads.size() == 2 * axes) {
    shape.pad_begin = spatial_of(std::span(pads).first(axes), 0);
    shape.pad_end = spatial_of(std::span(pads).last(axes), 0);
  }
  return shape;
}

}  // namespace

ConvShape ConvNode::weight_shape(const Shape& weights) const {
  ConvShape shape;
  shape.groups = groups_;
  shape.out_channels = static_cast<std::size_t>(weights[0]);
  shape.in_channels = static_cast<std::size_t>(weights[1]) * groups_;
  shape.kernel = spatial_of(ops::spatial(weights), 1);
  return shape;
}

ConvShape ConvNode::shape(const KernelContext& context, const Shape& image, const Shape& weights,
                          Shape& output) const {
  context.check(image.size() == weights.size() && image.size() >= 3,
                "expected input and weights of one rank, got {} and {}", shown(image), shown(weights));
  const std::span<const std::int64_t> extents = ops::spatial(image);
  const std::span<const std::int64_t> kernel = ops::spatial(weights);
  const ops::WindowGeometry window =
      ops::read_window(node_, extents.size(), {kernel.begin(), kernel.end()}).with_explicit_pads(extents);
  const Shape counts = ops::window_counts(window, extents, node_);
  ConvShape shape = weight_shape(weights);
  shape.batch = static_cast<std::size_t>(image[0]);
  context.check(static_cast<std::size_t>(image[1]) == shape.in_channels, "expected {} input channels, got {}",
                shape.in_channels, image[1]);
  shape.input = spatial_of(extents, 1);
  shape.stride = spatial_of(window.strides, 1);
  shape.dilation = spatial_of(window.dilations, 1);
  shape.pad_begin = spatial_of(window.pads_begin, 0);
  shape.pad_end = spatial_of(window.pads_end, 0);
  output = {image[0], weights[0]};
  output.insert(output.end(), counts.begin(), counts.end());
  return shape;
}

std::optional<BlockedConvPlan> plan_blocked_conv(const NodeView& node) {
  const std::optional<Shape> weights = node.constant_shape(1);  // others would be put in order in every run
  const std::optional<Dims>& image = node.input(0).dims;
  const auto has_dtype = [&](std::size_t i, DType dtype) {
    return node.has_input(i) && node.dtype(i) == dtype;
  };
  const bool keeps_rounded = has_dtype(0, DType::BF16) || node.integer("rounds") != 0;
  if (!is_f32_or_bf16(node.dtype(0)) || !weights || node.dtype(1) != DType::F32 ||
      element_count(*weights) == 0 || weights->size() < 3 || weights->size() > 2 + kMaxSpatialRank || !image)
    return std::nullopt;
  const std::size_t rank = weights->size();
  if (image->size() != rank && image->size() != rank + 1) return std::nullopt;
  const ImageLayout layout = image->size() == rank ? ImageLayout::Plain : ImageLayout::Blocked;
  const std::optional<Activation> activation = fused_activation(node);
  const ConvShape shape = known_shape(node, *weights, *image);
  if (node.has_input(4) && (layout == ImageLayout::Plain || shape.groups != 1)) return std::nullopt;
  const bool divides = shape.groups > 0 && shape.out_channels % shape.groups == 0;
  if (!activation || !divides || !PackedBlockedConv::takes(shape, layout)) return std::nullopt;
  const bool rounds =
      node.precision() == Precision::Bf16 && rank <= 4 && PackedBf16Conv::takes(shape, layout);
  // A convolution channel by channel has products of f32, but what it reads and writes may be rounded.
  if (keeps_rounded && !rounds && !shape.depthwise()) return std::nullopt;
  if (has_dtype(3, DType::BF16) && !rounds) return std::nullopt;
  if (node.dtype(0) == DType::BF16 && layout == ImageLayout::Plain) return std::nullopt;
  if (node.has_input(5) && (!rounds || !node.has_input(4))) return std::nullopt;
  return BlockedConvPlan{shape, *activation, layout, rounds};
}

PairNodes pair_nodes(const Node& pair, std::int64_t channels) {
  PairNodes nodes{pair, pair};
  nodes.conv.inputs = {pair.inputs[0], pair.inputs[1]};
  nodes.conv.attributes = ops::pair_conv_attributes(pair.attributes);
  nodes.depthwise.inputs = {ValueId::None, pair.inputs[3]};
  nodes.depthwise.attributes = ops::pair_depthwise_attributes(pair.attributes, channels);
  return nodes;
}

}  // namespace atlas::cpu
