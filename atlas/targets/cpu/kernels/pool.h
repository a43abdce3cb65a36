// Maximum and average over sliding windows.
#pragma once

#include <cstddef>

#include "atlas/base/thread_pool.h"
#include "atlas/targets/cpu/kernels/conv_shape.h"

namespace atlas::cpu {

/// Input [channels, input...] (batch and channels as one), output [channels, output...], contiguous. The
/// output size is given, for rounding up lets the last windows reach beyond the padding.
struct PoolShape {
  size_t channels = 1;
  Spatial input{1, 1, 1};
  Spatial kernel{1, 1, 1};
  Spatial stride{1, 1, 1};
  Spatial dilation{1, 1, 1};
  Spatial pad_begin{0, 0, 0};
  Spatial pad_end{0, 0, 0};
  Spatial output{1, 1, 1};
};

/// The largest element of each window, the padding left out; -infinity for a window without any, NaN for one
/// with a NaN.
void max_pool(const PoolShape& shape, const float* x, float* y, ThreadPool& pool);

/// The mean of each window, over the elements inside the input or, with `count_padding`, inside the padded
/// input (pad_begin, pad_end; never beyond); 0 where there are none.
void average_pool(const PoolShape& shape, const float* x, float* y, bool count_padding, ThreadPool& pool);

}  // namespace atlas::cpu
