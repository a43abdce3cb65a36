// What the kernels of convolutions read of their node.
#pragma once

#include <optional>

#include "atlas/targets/cpu/kernel.h"
#include "atlas/targets/cpu/kernels/activation.h"
#include "atlas/targets/cpu/kernels/blocked_conv.h"
#include "atlas/targets/cpu/kernels/conv_shape.h"

namespace atlas::cpu {

/// Windows and groups of a convolution.
class ConvNode {
 public:
  explicit ConvNode(const NodeView& node)
      : node_(node.node()), groups_(static_cast<std::size_t>(node.integer("group", 1))) {}

  /// Channels, groups and kernel of weights [out channels, channels of a group, spatial...].
  ConvShape weight_shape(const Shape& weights) const;
  /// All of the convolution of an image [batch, channels, spatial...]; `output` becomes the shape of the
  /// result. Throws InvalidArgument, naming the node, where image and weights do not fit.
  ConvShape shape(const KernelContext& context, const Shape& image, const Shape& weights,
                  Shape& output) const;

 private:
  Node node_;  // for its attributes
  std::size_t groups_;
};

/// What an atlas::BlockedConv is to do, as far as that is known before it runs: of `shape`, sizes of the
/// image that are not are 0.
struct BlockedConvPlan {
  ConvShape shape;
  Activation activation;
  ImageLayout layout;
  bool rounds;  // its products are of bfloat16
};

/// Nothing where no kernel does this node. Cheap: no weights are looked at.
std::optional<BlockedConvPlan> plan_blocked_conv(const NodeView& node);

/// The two convolutions of an atlas::BlockedConvPair as nodes of their own, as far as plans look at them:
/// biases, and what lies between, are not among their inputs.
struct PairNodes {
  Node conv, depthwise;
};
PairNodes pair_nodes(const Node& pair, std::int64_t channels);

}  // namespace atlas::cpu
