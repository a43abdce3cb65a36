// Weighted sums along rows and columns of images whose channels lie in blocks: a separable resize.
#pragma once

#include "atlas/targets/cpu/kernels/numbers.h"
#include "atlas/targets/cpu/kernels/resample.h"

namespace atlas::cpu {

/// y[plane, row, column, 16] = the sum over the taps of both tables of their weights * x, which is summed up
/// in f32. Both are of one type.
void blocked_resample(const ResampleTable& rows, const ResampleTable& columns, std::size_t planes,
                      Numbers<const std::byte> x, Numbers<std::byte> y, ThreadPool& pool);

}  // namespace atlas::cpu
