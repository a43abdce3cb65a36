// Pooling over blocked channels.
#pragma once

#include "atlas/base/thread_pool.h"
#include "atlas/targets/cpu/kernels/pool.h"

namespace atlas::cpu {

/// As max_pool and average_pool; `shape.channels` counts blocks (of all images), whose 16 channels lie side
/// by side at each position.
void blocked_max_pool(const PoolShape& shape, const float* x, float* y, ThreadPool& pool);
void blocked_average_pool(const PoolShape& shape, const float* x, float* y, bool count_padding,
                          ThreadPool& pool);

}  // namespace atlas::cpu
