// Matrix products of bfloat16 with sums in f32.
#pragma once

#include <cstddef>

#include "atlas/base/thread_pool.h"
#include "atlas/targets/cpu/kernels/bf16_kernel.h"
#include "atlas/targets/cpu/kernels/epilogue.h"
#include "atlas/targets/cpu/kernels/numbers.h"
#include "atlas/targets/cpu/kernels/packed_matrix.h"

namespace atlas::cpu {

/// A right operand B (k x n) rounded and packed once. Valid under every instruction set.
class PackedBf16 {
 public:
  PackedBf16(MatrixFinder b, size_t k, size_t n, ThreadPool& pool, Packer& packer);

  size_t k() const { return k_; }
  size_t n() const { return n_; }
  size_t chunks() const { return ceil_div(k_, bf16_chunk); }
  size_t panels() const { return ceil_div(n_, bf16_columns); }
  const Bf16* panel(size_t i) const {
    return reinterpret_cast<const Bf16*>(memory_.get()) + i * panel_size();
  }

 private:
  size_t panel_size() const { return chunks() * bf16_panel_step; }

  size_t k_, n_;
  PackedMemory memory_;
};

/// C = epilogue(A B), A m x k with `a_stride` numbers between rows, rounded to bfloat16 for the product where
/// it is f32; C overlaps no operand but, perhaps, the residual.
void bf16_gemm(size_t m, Numbers<const std::byte> a, size_t a_stride, const PackedBf16& b,
               Numbers<std::byte> c, size_t c_stride, const Epilogue& epilogue, ThreadPool& pool);

}  // namespace atlas::cpu
