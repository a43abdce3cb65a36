// Matrix products on the tiles of a Bf16Kernel, shared by threads that need not be equally fast.
#pragma once

#include <cstddef>

#include "atlas/base/function_ref.h"
#include "atlas/base/thread_pool.h"
#include "atlas/targets/cpu/kernels/bf16_kernel.h"

namespace atlas::cpu {

/// A, m x k, times B, k x n. Both are asked for in blocks of `k_block` steps (a multiple of bf16_chunk, or
/// all).
struct TileProduct {
  /// What will be read of a panel, in memory: nothing, or so many bytes for each of its chunks.
  struct Ahead {
    const void* data = nullptr;
    size_t chunk_bytes = 0;
  };

  const Bf16Kernel& kernel;
  size_t m, n, k, k_block;
  size_t left_bytes;  // of A that stay in the second cache while panels of B pass
  double products;    // of bfloat16s, in all
  /// Writes rows of A as Bf16Kernel::fill does.
  FunctionRef<void(size_t row, size_t rows, size_t first, size_t steps, Bf16* to)> fill;
  /// Steps of a panel of B: where they lie, or made in `memory`, which holds a block of a panel.
  FunctionRef<const Bf16*(size_t panel, size_t first, size_t steps, Bf16* memory)> panel;
  FunctionRef<Ahead(size_t panel, size_t first)> ahead;
  /// Takes the sums of the block of k from `first` on, bf16_columns a row; it may change them.
  FunctionRef<void(float* sums, size_t row, size_t rows, size_t column, size_t columns, size_t first)> finish;
};

/// Blocks of k in order, of each row and column by one thread at a time.
void multiply(const TileProduct& product, ThreadPool& pool);

}  // namespace atlas::cpu
