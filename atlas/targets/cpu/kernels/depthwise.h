// Convolutions in which every output channel reads one input channel.
#pragma once

#include "atlas/base/thread_pool.h"
#include "atlas/targets/cpu/kernels/conv_shape.h"
#include "atlas/targets/cpu/kernels/epilogue.h"

namespace atlas::cpu {

/// For shapes with group_in() == 1. `weights` as the model has them; `epilogue.row_bias` has a value for each
/// output channel, `epilogue.residual` the output's layout (its stride is not looked at).
void depthwise_conv(const ConvShape& shape, const float* weights, const float* input, float* output,
                    const Epilogue& epilogue, ThreadPool& pool);

}  // namespace atlas::cpu
