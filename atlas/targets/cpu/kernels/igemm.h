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

/// A left operand: row i is the bytes from data[i * stride], each minus its zero point: `zero_points`, where
/// not null, has one for each row; else `zero_point` holds for all.
struct ByteRows {
  const void* data = nullptr;
  bool is_signed = false;
  size_t stride = 0;
  int32_t zero_point = 0;
  const int32_t* zero_points = nullptr;
  size_t k = 0;  // bytes of a row where B was filled up to EvenChunks; 0 stands for all of B's
};

/// output = (A - zero points)(B - zero points) for `m` rows of A; sums wrap at 32 bits.
void igemm(size_t m, const ByteRows& a, const PackedBytes& b, const IgemmOutput& output, ThreadPool& pool);

// For products whose rows are found otherwise.

/// Chunks of `quads` of k steps, each so many bytes behind the one before.
std::vector<IgemmChunk> panel_chunks(size_t k, size_t quads, size_t bytes);
/// What the sums of each column of the panels begin with: the bias, less the zero point of all rows.
std::vector<int32_t> column_starts(const IgemmOutput& output, int32_t zero_point, const PackedBytes& b);
/// The sum of k bytes as the kernel takes them once `flip` is exclusive-ored to them.
int32_t sum_row(const IgemmKernel& kernel, const uint8_t* row, size_t k, uint8_t flip);
/// Into how many tasks so many products that give so many outputs are worth cutting.
size_t igemm_tasks(double products, double outputs, size_t threads);
/// Lets the tile fetch its part of the panel `next`, where it is one of `count` that pass over the panel
/// before.
void fetch_part(IgemmTile& tile, const int8_t* next, size_t part, size_t count);

}  // namespace atlas::cpu
