// Matrix products on the tiles of a Bf16Kernel, shared by threads that need not be equally fast.
#pragma once

#include <cstddef>

#include "atlas/base/function_ref.h"
#include "atlas/base/thread_pool.h"
#include "atlas/targets/cpu/kernels/bf16_kernel.h"

namespace atlas::cpu {

/// A, m x k, times B, k x n.
struct TileProduct {
  const Bf16Kernel& kernel;
  size_t m, n, k;
  bool fetches;  // the next panel of B, while one is read
  /// Writes rows of A as Bf16Kernel::fill does.
  FunctionRef<void(size_t row, size_t rows, Bf16* to)> fill;
  FunctionRef<const Bf16*(size_t panel)> panel;
  /// Takes sums, bf16_columns a row; it may change them.
  FunctionRef<void(float* sums, size_t row, size_t rows, size_t column, size_t columns)> finish;
};

/// Of each row and column by one thread.
void multiply(const TileProduct& product, ThreadPool& pool);

}  // namespace atlas::cpu
