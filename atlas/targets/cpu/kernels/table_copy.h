// Copies whose source along each axis is given by a table: repeated borders, nearest pixels.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "atlas/base/thread_pool.h"

namespace atlas::cpu {

/// to[i, j, ...] = from[tables[0][i] + tables[1][j] + ...] for a contiguous `to` with the tables' lengths as
/// extents, none of them 0; elements of `element_bytes`. Without tables one element.
void table_copy(std::vector<std::vector<std::int64_t>> tables, const std::byte* from, std::byte* to,
                std::size_t element_bytes, ThreadPool& pool);

}  // namespace atlas::cpu
