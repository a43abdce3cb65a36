// A convolution of bfloat16 and the depthwise one behind it, with the image between them in the cache only.
#pragma once

#include "atlas/targets/cpu/kernels/bf16_conv.h"
#include "atlas/targets/cpu/kernels/blocked_pair.h"

namespace atlas::cpu {

/// The first of the two; of the epilogue, no residual and no column bias.
struct Bf16PairPart {
  const ConvShape& shape;
  const PackedBf16Conv& weights;
  Epilogue epilogue;
};

/// As blocked_pair; the depthwise products are of f32.
void bf16_pair(const Bf16PairPart& conv, const PairPart& depthwise, Numbers<const std::byte> input,
               Numbers<std::byte> output, ThreadPool& pool);

}  // namespace atlas::cpu
