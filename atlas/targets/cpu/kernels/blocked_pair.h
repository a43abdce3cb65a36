// A convolution and the depthwise one behind it, with the image between them in the cache only.
#pragma once

#include "atlas/targets/cpu/kernels/blocked_conv.h"

namespace atlas::cpu {

/// One convolution of the two. Of the epilogue: no residual, no column bias.
struct PairPart {
  const ConvShape& shape;
  const PackedBlockedConv& weights;
  Epilogue epilogue;
};

/// output = depthwise(conv(input)), input as blocked_conv takes it, output blocked. `conv` has one group; the
/// image between is `depthwise`'s input. Both have a depth of 1. Throws as blocked_conv does.
void blocked_pair(const PairPart& conv, const PairPart& depthwise, const float* input, float* output,
                  ThreadPool& pool);

}  // namespace atlas::cpu
