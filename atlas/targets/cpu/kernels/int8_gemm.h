// Matrix products of f32 rounded to 8-bit levels, with exact sums.
#pragma once

#include <cstddef>

#include "atlas/base/thread_pool.h"
#include "atlas/targets/cpu/kernels/epilogue.h"
#include "atlas/targets/cpu/kernels/igemm.h"
#include "atlas/targets/cpu/kernels/packed_matrix.h"

namespace atlas::cpu {

/// A right operand B (k x n) as signed levels, each column with a scale of its own, packed once. Valid under
/// every instruction set.
class PackedInt8 {
 public:
  /// Whether products of such a matrix are faster than in f32; false where sums may not fit 32 bits.
  static bool is_worth_it(size_t k, size_t n);

  PackedInt8(MatrixFinder b, size_t k, size_t n, ThreadPool& pool, Packer& packer);

  const PackedBytes& levels() const { return levels_; }
  const float* scales() const { return reinterpret_cast<const float*>(scales_.get()); }

 private:
  PackedMemory scales_;  // not a number for a column that holds an infinity or NaN
  PackedBytes levels_;
};

/// C = epilogue(A B), A m x k in f32 with `a_stride` floats between rows. Each row of A takes the levels that
/// hold its least and its greatest number; one that holds an infinity or NaN makes its row of C NaN. C
/// overlaps no operand but, perhaps, the residual.
void int8_gemm(size_t m, const float* a, size_t a_stride, const PackedInt8& b, float* c, size_t c_stride,
               const Epilogue& epilogue, ThreadPool& pool);

}  // namespace atlas::cpu
