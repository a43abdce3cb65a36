// Copies between two arrays that step through memory in different ways: slices, transposes, broadcasts.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

#include "atlas/base/thread_pool.h"

namespace atlas::cpu {

/// For every index i within `shape`: to[i . to_strides] = from[i . from_strides], elements of `element_bytes`
/// (1, 2, 4, 8 or 16), strides in elements, of any sign, 0 to repeat. The arrays do not overlap, and no two
/// indices name one element of `to`.
void strided_copy(std::span<const std::int64_t> shape, const std::byte* from,
                  std::span<const std::int64_t> from_strides, std::byte* to,
                  std::span<const std::int64_t> to_strides, std::size_t element_bytes, ThreadPool& pool);

}  // namespace atlas::cpu
