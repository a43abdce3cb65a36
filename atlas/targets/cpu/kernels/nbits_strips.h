// The strips of a packed matrix of few bits, shared by threads.
#pragma once

#include <algorithm>

#include "atlas/targets/cpu/kernels/nbits_layout.h"

namespace atlas::cpu {

/// Calls multiply(strip, first row, rows, totals) for each strip and each `rows_at_once` rows of m or what is
/// left of them, on the threads of `pool`; it writes [rows][nbits_columns] products, which with `bias` (one
/// for each column, or null) become those of `c`, m x n. rows_at_once is at most 4.
template <typename Multiply>
void for_each_strip(size_t m, size_t rows_at_once, const PackedNbits& b, const float* bias, float* c,
                    ThreadPool& pool, const Multiply& multiply) {
  const size_t n = b.shape().n;
  const NbitsLayout layout(b.shape());
  constexpr size_t codes_worth_a_task = 256 * 1024;
  const size_t strips = ceil_div(n, nbits_columns);
  const size_t share = ceil_div(strips, 4 * pool.size());
  const size_t worth = ceil_div(codes_worth_a_task, layout.steps * nbits_columns);
  const size_t grain = std::min(ceil_div(strips, pool.size()), std::max(share, worth));
  pool.parallel_for(strips, grain, [&](size_t begin, size_t end) {
    alignas(64) float totals[4 * nbits_columns];
    for (size_t strip = begin; strip < end; ++strip) {
      const size_t column = strip * nbits_columns, columns = std::min(nbits_columns, n - column);
      for (size_t first = 0; first < m; first += rows_at_once) {
        const size_t rows = std::min(rows_at_once, m - first);
        multiply(b.data() + strip * layout.strip_bytes(), first, rows, totals);
        for (size_t r = 0; r < rows; ++r)
          for (size_t j = 0; j < columns; ++j)
            c[(first + r) * n + column + j] =
                totals[r * nbits_columns + j] + (bias ? bias[column + j] : 0.0f);
      }
    }
  });
}

}  // namespace atlas::cpu
