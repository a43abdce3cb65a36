// The shapes of a matrix product under numpy's rules, and the product itself.
#pragma once

#include <cstdint>
#include <vector>

#include "atlas/ops/infer_context.h"
#include "atlas/ops/reference_context.h"
#include "atlas/tensor/shape.h"

namespace atlas::ops {

/// Matrices are the last two axes; those before broadcast. An operand of rank 1 is a row (first) or a column
/// (second) whose axis the output lacks.
struct MatrixProduct {
  std::int64_t rows, inner, columns;
  Shape a, b;     // of rank 2 or more
  Shape batch;    // broadcast
  Shape stacked;  // batch, rows, columns
  Shape output;   // `stacked` without the axes that rank 1 operands lack
};

/// Throws InvalidArgument, naming the node, where the shapes do not fit.
MatrixProduct plan_product(const ReferenceContext& context, const Shape& a, const Shape& b);

/// Sets output 0 to a product of inputs `a` and `b` with element type `dtype`.
void infer_product(InferContext& context, std::size_t a, std::size_t b, DType dtype);

/// Sums of products, laid out as `plan.output`. T: double, or std::uint64_t for integers that wrap.
template <typename T>
std::vector<T> multiply(const MatrixProduct& plan, const std::vector<T>& a, const std::vector<T>& b) {
  const std::size_t rows = static_cast<std::size_t>(plan.rows);
  const std::size_t inner = static_cast<std::size_t>(plan.inner);
  const std::size_t columns = static_cast<std::size_t>(plan.columns);
  const Shape a_batch(plan.a.begin(), plan.a.end() - 2);
  const Shape b_batch(plan.b.begin(), plan.b.end() - 2);
  const std::vector<std::int64_t> a_steps = broadcast_strides(a_batch, plan.batch);
  const std::vector<std::int64_t> b_steps = broadcast_strides(b_batch, plan.batch);
  std::vector<T> y(element_count(plan.output));
  for (std::size_t matrix = 0; matrix < element_count(plan.batch); ++matrix) {
    std::size_t rest = matrix;
    std::size_t a_matrix = 0;
    std::size_t b_matrix = 0;
    for (std::size_t axis = plan.batch.size(); axis-- > 0;) {
      const std::size_t at = rest % static_cast<std::size_t>(plan.batch[axis]);
      rest /= static_cast<std::size_t>(plan.batch[axis]);
      a_matrix += at * static_cast<std::size_t>(a_steps[axis]);
      b_matrix += at * static_cast<std::size_t>(b_steps[axis]);
    }
    for (std::size_t i = 0; i < rows; ++i) {
      T* out = y.data() + (matrix * rows + i) * columns;
      for (std::size_t k = 0; k < inner; ++k) {
        const T left = a[(a_matrix * rows + i) * inner + k];
        const T* right = b.data() + (b_matrix * inner + k) * columns;
        for (std::size_t j = 0; j < columns; ++j) out[j] += left * right[j];
      }
    }
  }
  return y;
}

}  // namespace atlas::ops
