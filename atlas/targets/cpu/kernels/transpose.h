// Permutes the axes of an array of fixed-size elements.
#pragma once

#include <cstddef>
#include <span>

#include "atlas/base/thread_pool.h"

namespace atlas::cpu {

/// y has the shape shape[permutation[0]], shape[permutation[1]], ... and y[i_p0, i_p1, ...] = x[i_0, i_1,
/// ...]. Both are contiguous and do not overlap; elements have 1, 2, 4, 8 or 16 bytes. Throws InvalidArgument
/// where `permutation` is none of as many axes as `shape` has, or the element size is another.
void transpose(const void* x, void* y, std::span<const size_t> shape, std::span<const size_t> permutation,
               size_t element_bytes, ThreadPool& pool);

}  // namespace atlas::cpu
