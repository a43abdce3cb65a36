// Reading of a convolution's attributes and shapes.
#include "atlas/targets/cpu/conv_node.h"

#include <map>
#include <string>

#include "atlas/ops/window_geometry.h"
#include "atlas/targets/cpu/spatial_sizes.h"

namespace atlas::cpu {

std::optional<Activation> fused_activation(const NodeView& node) {
  const std::string name = node.node().domain.empty() ? "" : node.string("activation");
  std::vector<float> parameters;
  if (const auto* given = node.node().attributes.get<std::vector<float>>("activation_params"))
    parameters = *given;
  parameters.resize(2);
  const std::map<std::string, ActivationKind> kinds = {{"", ActivationKind::None},
                                                       {"Relu", ActivationKind::Relu},
                                                       {"Clip", ActivationKind::Clip},
                                                       {"LeakyRelu", ActivationKind::LeakyRelu},
                                                       {"Sigmoid", ActivationKind::Sigmoid},
                                                       {"Tanh", ActivationKind::Tanh},
                                                       {"HardSigmoid", ActivationKind::HardSigmoid},
                                                       {"HardSwish", ActivationKind::HardSwish},
                                                       {"Swish", ActivationKind::Silu},
                                                       {"Gelu", ActivationKind::Gelu}};
  const auto found = kinds.find(name);
  if (found == kinds.end()) return std::nullopt;
  return Activation{found->second, parameters[0], parameters[1]};
}

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
                "expected input and weights of one rank, got {} and {}", text(image), text(weights));
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

}  // namespace atlas::cpu
