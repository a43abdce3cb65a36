// The right operand of a matrix product in the order in which the register tiles read it.
#pragma once

#include <algorithm>
#include <cstddef>

#include "atlas/base/function_ref.h"
#include "atlas/targets/cpu/kernels/packer.h"
#include "atlas/targets/cpu/kernels/row_tiles.h"

namespace atlas {
class ThreadPool;
}

namespace atlas::cpu {

/// Columns of a right operand in panels as wide as the widest tile; the last has the vectors that it needs.
struct ColumnPanels {
  size_t columns, k, width, lanes, count;

  ColumnPanels(const BlockedKernel& kernel, size_t column_count, size_t steps)
      : columns(column_count),
        k(steps),
        width(kernel.panel_lanes()),
        lanes(kernel.lanes),
        count(ceil_div(column_count, width)) {}

  size_t columns_of(size_t panel) const { return std::min(width, columns - panel * width); }
  /// Floats of one step of k: whole vectors.
  size_t width_of(size_t panel) const { return ceil_div(columns_of(panel), lanes) * lanes; }
  size_t offset(size_t panel) const { return panel * width * k; }
  size_t size() const { return ceil_div(columns, lanes) * lanes * k; }
};

/// Finds a matrix of weights. For fillers alone, as WeightFinder.
using MatrixFinder = FunctionRef<MatrixView()>;

/// Packed once and used many times, by any number of threads: [panel][k][columns of the panel].
class PackedMatrix {
 public:
  /// B, k x columns.
  PackedMatrix(MatrixFinder b, size_t k, size_t columns, ThreadPool& pool, Packer& packer);
  PackedMatrix(MatrixView b, size_t k, size_t columns, ThreadPool& pool);

  const BlockedKernel& kernel() const { return *kernel_; }
  const ColumnPanels& panels() const { return panels_; }
  const float* data() const { return reinterpret_cast<const float*>(memory_.get()); }

 private:
  const BlockedKernel* kernel_;  // the one whose tiles fit the panels
  ColumnPanels panels_;
  PackedMemory memory_;
};

}  // namespace atlas::cpu
