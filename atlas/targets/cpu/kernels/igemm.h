// Matrix products of 8-bit integers with 32-bit sums, exact on every instruction set.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "atlas/base/function_ref.h"
#include "atlas/base/thread_pool.h"
#include "atlas/targets/cpu/kernels/igemm_output.h"
#include "atlas/targets/cpu/kernels/packer.h"

namespace atlas::cpu {

/// A matrix of 8-bit integers: element (i, j) is data[i * row_stride + j * column_stride] minus its zero
/// point: `zero_points`, where not null, has one for each column; else `zero_point` holds for all. Zero
/// points are values of the element type.
struct ByteMatrix {
  const void* data = nullptr;
  bool is_signed = false;
  size_t row_stride = 0;
  size_t column_stride = 1;
  int32_t zero_point = 0;
  const int32_t* zero_points = nullptr;
};

/// Finds a matrix of weights. For fillers alone, as WeightFinder.
using ByteMatrixFinder = FunctionRef<ByteMatrix()>;

/// A right operand B (k x n) packed once. Valid under every instruction set.
class PackedBytes {
 public:
  PackedBytes() = default;
  PackedBytes(ByteMatrixFinder b, size_t k, size_t n, ThreadPool& pool, Packer& packer);
  PackedBytes(const ByteMatrix& b, size_t k, size_t n, ThreadPool& pool);

  size_t k() const { return k_; }
  size_t n() const { return n_; }
  size_t bytes() const;

  // For igemm: panels as igemm_kernel.h tells, of signed bytes.
  size_t quads() const { return (k_ + 3) / 4; }
  size_t panels() const { return (n_ + igemm_columns - 1) / igemm_columns; }
  const int8_t* panel(size_t i) const {
    return reinterpret_cast<const int8_t*>(memory_.get()) + i * panel_bytes();
  }
  /// For each column of the panels, its sum less k times its zero point.
  const int32_t* sums() const {
    return reinterpret_cast<const int32_t*>(memory_.get() + panels() * panel_bytes());
  }
  /// Zero points of the columns as they are packed; nullptr where all are 0.
  const int32_t* zeros() const { return has_zeros_ ? sums() + panels() * igemm_columns : nullptr; }

 private:
  size_t panel_bytes() const { return quads() * 4 * igemm_columns; }
  void fill(const ByteMatrix& b, ThreadPool& pool, std::byte* to) const;

  size_t k_ = 0, n_ = 0;
  PackedMemory memory_;  // panels, sums, zero points
  bool has_zeros_ = false;
};

constexpr size_t row_slack = 16;

/// Gives `rows` the places of rows `first` to `first + count` of a left operand, each of k bytes; those that
/// do not lie in memory as a whole it writes to `memory`, which has room for `count` times k and row_slack.
using RowFinder = FunctionRef<void(size_t first, size_t count, uint8_t* memory, const uint8_t** rows)>;

/// A left operand: row i is the bytes from data[i * stride], or where `finder` says, each minus its zero
/// point: `zero_points`, where not null, has one for each row; else `zero_point` holds for all.
struct ByteRows {
  const void* data = nullptr;
  bool is_signed = false;
  size_t stride = 0;
  int32_t zero_point = 0;
  const int32_t* zero_points = nullptr;
  const RowFinder* finder = nullptr;
};

/// output = (A - zero points)(B - zero points) for `m` rows of A; sums wrap at 32 bits.
void igemm(size_t m, const ByteRows& a, const PackedBytes& b, const IgemmOutput& output, ThreadPool& pool);

}  // namespace atlas::cpu
