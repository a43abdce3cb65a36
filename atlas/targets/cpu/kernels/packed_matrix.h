// An operand of a matrix product in the order in which the register tiles read it.
#pragma once

#include <algorithm>
#include <cstddef>

#include "atlas/base/function_ref.h"
#include "atlas/targets/cpu/kernels/gemm_kernel.h"
#include "atlas/targets/cpu/kernels/packer.h"

namespace atlas {
class ThreadPool;
}

namespace atlas::cpu {

/// A matrix somewhere in memory: element (i, j) is data[i * row_stride + j * column_stride].
struct MatrixView {
  const float* data = nullptr;
  size_t row_stride = 0;
  size_t column_stride = 1;

  MatrixView transposed() const { return {data, column_stride, row_stride}; }
};

/// How one operand is cut: k in blocks, rows (or columns) in panels. In memory: blocks in order, in each its
/// panels in order, in each its steps of k. The last panel of a left operand has only the rows that are
/// left; those of a right operand are filled with zeros.
struct PanelLayout {
  size_t extent = 0;  // rows of a left operand, columns of a right one
  size_t k = 0;
  size_t width = 1;     // rows or columns of a panel
  size_t k_block = 1;   // steps of a block; the last may have fewer
  bool filled = false;  // a right operand

  static PanelLayout left(const GemmKernel& kernel, size_t rows, size_t k);
  static PanelLayout right(const GemmKernel& kernel, size_t columns, size_t k);

  size_t panels() const { return (extent + width - 1) / width; }
  size_t stored_extent() const { return filled ? panels() * width : extent; }
  size_t blocks() const { return (k + k_block - 1) / k_block; }
  size_t block_steps(size_t block) const { return std::min(k_block, k - block * k_block); }
  /// Floats before panel `panel` of block `block`.
  size_t offset(size_t block, size_t panel) const {
    return block * k_block * stored_extent() + panel * width * block_steps(block);
  }
  /// Floats of the whole, slack included.
  size_t size() const { return stored_extent() * k + pack_slack; }
};

/// Packs `matrix` (extent x k: for a right operand the transposed view) to `to`, which holds layout.size().
void pack(const PanelLayout& layout, MatrixView matrix, float* to, ThreadPool& pool);

/// Finds a matrix of weights. For fillers alone, as WeightFinder.
using MatrixFinder = FunctionRef<MatrixView()>;

/// An operand packed once and used many times, by any number of threads.
class PackedMatrix {
 public:
  PackedMatrix() = default;

  /// A left operand A, rows x k.
  static PackedMatrix left(MatrixFinder a, size_t rows, size_t k, ThreadPool& pool, Packer& packer);
  /// A right operand B, k x columns.
  static PackedMatrix right(MatrixFinder b, size_t k, size_t columns, ThreadPool& pool, Packer& packer);
  static PackedMatrix right(MatrixView b, size_t k, size_t columns, ThreadPool& pool);

  const GemmKernel& kernel() const { return *kernel_; }
  const PanelLayout& layout() const { return layout_; }
  const float* data() const { return reinterpret_cast<const float*>(memory_.get()); }
  size_t bytes() const { return layout_.size() * sizeof(float); }

 private:
  PackedMatrix(const GemmKernel& kernel, PanelLayout layout, MatrixFinder matrix, ThreadPool& pool,
               Packer& packer);

  const GemmKernel* kernel_ = nullptr;  // the one whose tiles fit the layout
  PanelLayout layout_;
  PackedMemory memory_;
};

}  // namespace atlas::cpu
