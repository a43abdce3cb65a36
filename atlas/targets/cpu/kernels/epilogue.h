// What happens to the result of a matrix product or convolution before it leaves the cache.
#pragma once

#include <cstddef>
#include <limits>

#include "atlas/targets/cpu/kernels/activation.h"

namespace atlas::cpu {

/// y = factor * activation(x + row_bias[row] + column_bias[column] + residual[row][column]) + addend; null
/// pointers add nothing.
struct Epilogue {
  const float* row_bias = nullptr;
  const float* column_bias = nullptr;
  const float* residual = nullptr;
  size_t residual_stride = 0;  // elements from one row of the residual to the next
  Activation activation;
  float factor = 1, addend = 0;

  bool is_scaled() const { return factor != 1 || addend != 0; }
  bool empty() const {
    return !row_bias && !column_bias && !residual && activation.kind == ActivationKind::None && !is_scaled();
  }

  /// What it adds, and what then becomes of each sum alone.
  Epilogue sums() const {
    Epilogue out = *this;
    out.activation = {};
    out.factor = 1;
    out.addend = 0;
    return out;
  }
  Epilogue rest() const {
    Epilogue out;
    out.activation = activation;
    out.factor = factor;
    out.addend = addend;
    return out;
  }

  /// What is left to do where a kernel adds bias and residual and then keeps results within [low, high].
  Epilogue behind(float& low, float& high) const {
    const bool relu = activation.kind == ActivationKind::Relu, clip = activation.kind == ActivationKind::Clip;
    low = relu ? 0 : clip ? activation.a : -std::numeric_limits<float>::infinity();
    high = clip ? activation.b : std::numeric_limits<float>::infinity();
    Epilogue left;
    if (!relu && !clip) left.activation = activation;
    left.factor = factor;
    left.addend = addend;
    return left;
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

/// The same with x at `from`, `from_stride` elements between rows; `from` is `c` or does not overlap it.
void apply(const Epilogue& epilogue, const float* from, size_t from_stride, float* c, size_t stride,
           size_t rows, size_t columns) noexcept;

}  // namespace atlas::cpu
