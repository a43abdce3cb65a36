// Pooling over blocked channels.
#pragma once

#include "atlas/base/thread_pool.h"
#include "atlas/targets/cpu/kernels/numbers.h"
#include "atlas/targets/cpu/kernels/pool.h"

namespace atlas::cpu {

/// As max_pool and average_pool; `shape.channels` counts blocks (of all images), whose 16 channels lie side
/// by side at each position. Both images are of one type.
void blocked_max_pool(const PoolShape& shape, Numbers<const std::byte> x, Numbers<std::byte> y,
                      ThreadPool& pool);
void blocked_average_pool(const PoolShape& shape, Numbers<const std::byte> x, Numbers<std::byte> y,
                          bool count_padding, ThreadPool& pool);

}  // namespace atlas::cpu
