// What happens to the result of a matrix product or convolution before it leaves the cache.
#pragma once

#include <cstddef>

#include "atlas/targets/cpu/kernels/activation.h"

namespace atlas::cpu {

/// y = activation(x + row_bias[row] + column_bias[column] + residual[row][column]); null pointers add
/// nothing.
struct Epilogue {
  const float* row_bias = nullptr;
  const float* column_bias = nullptr;
  const float* residual = nullptr;
  size_t residual_stride = 0;  // elements from one row of the residual to the next
  Activation activation;

  bool empty() const {
    return !row_bias && !column_bias && !residual && activation.kind == ActivationKind::None;
  }

  /// The same for the part of the matrix that begins at (row, column).
  Epilogue at(size_t row, size_t column) const {
    Epilogue part = *this;
    if (row_bias) part.row_bias += row;
    if (column_bias) part.column_bias += column;
    if (residual) part.residual += row * residual_stride + column;
    return part;
  }
};

/// Applies it in place to the `rows` x `columns` matrix at `c` with `stride` elements between rows.
void apply(const Epilogue& epilogue, float* c, size_t stride, size_t rows, size_t columns) noexcept;

}  // namespace atlas::cpu
