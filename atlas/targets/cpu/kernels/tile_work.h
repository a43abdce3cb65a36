// How the tiles of bfloat16 and of bytes are shared out, and what they fetch ahead.
#pragma once

#include <algorithm>
#include <cstddef>

#include "atlas/targets/cpu/kernels/ceil_div.h"

namespace atlas::cpu {

/// Into how many tasks so many products are worth cutting. Each task lays its operand out anew, so that only
/// large ones are cut finer than there are threads.
inline size_t tile_tasks(double products, size_t threads) {
  constexpr double worth_a_task = 2.4e6, large = 40e6;
  if (threads == 1) return 1;
  const auto most =
      static_cast<double>(products < large * static_cast<double>(threads) ? threads : 2 * threads);
  return static_cast<size_t>(std::clamp(products / worth_a_task, 1.0, most));
}

/// Whether weights are worth fetching ahead: with a row or a few, those that stay in the second cache come as
/// fast as they can without.
inline bool is_worth_fetching(size_t rows, size_t weights) {
  constexpr size_t few_rows = 4, resident = 512 * 1024;
  return rows > few_rows || weights > resident;
}

/// Lets a tile fetch its part of `next`, a panel of chunks of so many lines of the cache, where it is one of
/// `count` that pass over the panel before. `Tile` has `next` and `next_lines`.
template <typename Tile, typename T>
void fetch_part(Tile& tile, const T* next, size_t chunks, size_t chunk_lines, size_t part, size_t count) {
  const size_t lines = ceil_div(chunk_lines, count);
  if (part * lines >= chunk_lines) return;
  tile.next = next + part * lines * chunks * (64 / sizeof(T));
  tile.next_lines = std::min(lines, chunk_lines - part * lines);
}

}  // namespace atlas::cpu
