// Convolutions of each channel by itself over blocked channels.
#pragma once

#include <cstddef>

#include "atlas/base/thread_pool.h"
#include "atlas/targets/cpu/kernels/conv_shape.h"
#include "atlas/targets/cpu/kernels/epilogue.h"
#include "atlas/targets/cpu/kernels/numbers.h"

namespace atlas::cpu {

/// What blocked_conv does where every channel is a group: `weights` [blocks][taps][16].
void blocked_depthwise(const ConvShape& shape, const float* weights, Numbers<const std::byte> input,
                       Numbers<std::byte> output, const Epilogue& epilogue, ThreadPool& pool);

/// Rows [begin, end) of one depth of the output of one block of channels.
struct DepthwiseStrip {
  Numbers<const std::byte>
      image;  // the block's: where its row 0 lies or would lie; only rows under the strip's are read
  const float* weights;             // [taps][16]
  const float* bias;                // one for each lane
  const float* residual = nullptr;  // of row `begin`, or null
  size_t depth = 0, begin, end;
  Numbers<std::byte> output;  // row `begin`
};

/// On the calling thread. Of the epilogue, what comes behind bias and residual.
void blocked_depthwise_strip(const ConvShape& shape, const DepthwiseStrip& strip, const Epilogue& epilogue);

}  // namespace atlas::cpu
