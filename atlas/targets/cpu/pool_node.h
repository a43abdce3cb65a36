// What the kernels of pooling read of their node.
#pragma once

#include "atlas/targets/cpu/kernel.h"
#include "atlas/targets/cpu/kernels/pool.h"

namespace atlas::cpu {

/// Sizes of a pooling over an image [batch, channels, up to three axes...], and the shape of its result.
struct Pooling {
  PoolShape shape;
  Shape output;
};

/// Throws InvalidArgument, naming the node, where the image does not fit its windows.
Pooling read_pooling(const KernelContext& context, const Node& node, const Shape& image);

}  // namespace atlas::cpu
