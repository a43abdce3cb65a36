// The windows of a convolution written out as the columns of a matrix.
#pragma once

#include <cstddef>
#include <cstdint>

#include "atlas/base/thread_pool.h"
#include "atlas/targets/cpu/kernels/conv_shape.h"

namespace atlas::cpu {

/// to[channel, tap, position] for `channels` images of shape.input each: what the tap of the window at that
/// output position reads, `filler` in the padding.
void unfold(const ConvShape& shape, std::size_t channels, const std::uint8_t* images, std::uint8_t filler,
            std::uint8_t* to, ThreadPool& pool);

}  // namespace atlas::cpu
