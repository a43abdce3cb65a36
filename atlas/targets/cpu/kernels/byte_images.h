// What quantised networks do to images between their convolutions.
#pragma once

#include <cstddef>
#include <cstdint>

#include "atlas/base/thread_pool.h"
#include "atlas/targets/cpu/kernels/levels.h"
#include "atlas/targets/cpu/kernels/pool.h"

namespace atlas::cpu {

/// y = the levels of a + b, as real numbers, kept within their type. In single precision: where the exact
/// value is all but halfway between two levels, it may be either.
void add_levels(const uint8_t* a, const Levels& a_levels, const uint8_t* b, const Levels& b_levels,
                size_t count, const Levels& y_levels, uint8_t* y, ThreadPool& pool);

/// The largest byte of each window of `batch` images with `shape.channels` channels, which come last; the
/// padding is left out. Windows without any pixel get the least value of the type.
void max_pool_bytes(const PoolShape& shape, size_t batch, const uint8_t* x, bool is_signed, uint8_t* output,
                    ThreadPool& pool);

}  // namespace atlas::cpu
