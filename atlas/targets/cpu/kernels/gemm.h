// Single-precision matrix products.
#pragma once

#include <cstddef>

#include "atlas/base/thread_pool.h"
#include "atlas/targets/cpu/kernels/epilogue.h"
#include "atlas/targets/cpu/kernels/packed_matrix.h"

namespace atlas::cpu {

struct GemmShape {
  size_t m = 0, n = 0, k = 0;  // A is m x k, B is k x n, C is m x n
};

/// A right operand whose parts are made in f32 when they are needed. Used by many threads at once.
class PanelSource {
 public:
  virtual ~PanelSource() = default;
  /// Writes steps [first, first + steps) of `columns` columns from `column` on, every `width` floats a step:
  /// whole vectors, and steps filled up to whole channel_blocks. `column` is a multiple of the widest tile's
  /// columns, `first` of channel_block.
  virtual void write(size_t column, size_t columns, size_t first, size_t steps, size_t width,
                     float* to) const noexcept = 0;
};

/// The right operand as it lies in memory, packed before, or made on the way. What it refers to must outlive
/// the call.
struct RightOperand {
  RightOperand(MatrixView v) : view(v) {}
  RightOperand(const PackedMatrix& p) : packed(&p) {}
  RightOperand(const PanelSource& s) : source(&s) {}

  /// Steps [first, first + steps) of a panel, right.width_of(panel) floats each: where they lie, or made in
  /// `memory`.
  const float* panel(const ColumnPanels& right, size_t panel, size_t first, size_t steps,
                     float* memory) const {
    if (packed) return packed->data() + right.offset(panel) + first * right.width_of(panel);
    make_panel(right, panel, first, steps, memory);
    return memory;
  }
  /// The floats of memory for it.
  size_t made_floats(size_t steps, const ColumnPanels& right) const;

  MatrixView view;
  const PackedMatrix* packed = nullptr;
  const PanelSource* source = nullptr;

 private:
  void make_panel(const ColumnPanels& right, size_t panel, size_t first, size_t steps, float* memory) const;
};

struct GemmOptions {
  float alpha = 1;
  float beta = 0;  // with 0, what C held before does not matter, NaN included
  Epilogue epilogue;
};

/// C = epilogue(alpha A B + beta C), C row-major with `c_stride` elements between rows; C overlaps no
/// operand. With k = 0 the product is 0. The work is shared by the threads of `pool`. Throws Internal where a
/// packed operand has another size than `shape` says.
void gemm(const GemmShape& shape, MatrixView a, RightOperand b, float* c, size_t c_stride,
          const GemmOptions& options, ThreadPool& pool);

/// Elements from one matrix of a batch to the next; 0 uses the same one for all.
struct GemmBatch {
  size_t count = 1;
  size_t a_stride = 0, b_stride = 0, c_stride = 0;
  size_t residual_stride = 0;
};

/// `batch.count` products of one shape. A packed operand serves all of them.
void gemm_batched(const GemmShape& shape, const GemmBatch& batch, MatrixView a, RightOperand b, float* c,
                  size_t c_stride, const GemmOptions& options, ThreadPool& pool);

}  // namespace atlas::cpu
