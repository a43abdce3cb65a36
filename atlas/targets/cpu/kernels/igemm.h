// Matrix products of 8-bit integers with 32-bit results, exact on every instruction set.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "atlas/base/thread_pool.h"
#include "atlas/targets/cpu/kernels/gemm.h"

namespace atlas::cpu {

/// A matrix of 8-bit integers: element (i, j) is data[i * row_stride + j * column_stride] minus its zero
/// point: `zero_points`, where not null, has one for each row of A or each column of B; else `zero_point`
/// holds for all. Zero points are values of the element type.
struct ByteMatrix {
  const void* data = nullptr;
  bool is_signed = false;
  size_t row_stride = 0;
  size_t column_stride = 1;
  int32_t zero_point = 0;
  const int32_t* zero_points = nullptr;
};

/// A right operand B (k x n) packed once, zero points subtracted. Valid under every instruction set.
class PackedBytes {
 public:
  PackedBytes() = default;
  PackedBytes(const ByteMatrix& b, size_t k, size_t n, ThreadPool& pool);

  size_t bytes() const { return values_.size() * sizeof(int16_t); }

 private:
  friend void igemm(const GemmShape&, const ByteMatrix&, const PackedBytes&, int32_t*, size_t, ThreadPool&);

  size_t k_ = 0, n_ = 0;
  std::vector<int16_t> values_;  // panels of columns; in each the pairs of k; in each a pair for each column
};

/// C = (A - zero points)(B - zero points), C row-major with `c_stride` elements between rows; sums wrap at
/// 32 bits. Throws Internal where B was packed with another k or n.
void igemm(const GemmShape& shape, const ByteMatrix& a, const PackedBytes& b, int32_t* c, size_t c_stride,
           ThreadPool& pool);

}  // namespace atlas::cpu
