// Convolutions of each channel by itself over blocked channels.
#pragma once

#include <cstddef>

#include "atlas/base/thread_pool.h"
#include "atlas/targets/cpu/kernels/conv_shape.h"
#include "atlas/targets/cpu/kernels/epilogue.h"

namespace atlas::cpu {

/// What blocked_conv does where every channel is a group: `weights` [blocks][taps][16], `bias` one for each
/// lane of the blocks; of the epilogue, residual and activation.
void blocked_depthwise(const ConvShape& shape, const float* weights, const float* bias, const float* input,
                       float* output, const Epilogue& epilogue, ThreadPool& pool);

}  // namespace atlas::cpu
