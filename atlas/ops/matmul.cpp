// Products of matrices, and determinants.
#include <algorithm>
#include <cmath>

#include "atlas/ops/cost_context.h"
#include "atlas/ops/families.h"
#include "atlas/ops/matrix_product.h"

namespace atlas::ops {
namespace {

constexpr TypeSet kOperands = types::kFloats | TypeSet{DType::U32, DType::U64, DType::I32, DType::I64};

// 64-bit integers whose overflow wraps.
std::vector<std::uint64_t> wrapping(const std::vector<std::int64_t>& values) {
  return {values.begin(), values.end()};
}
std::vector<std::int64_t> unwrapped(const std::vector<std::uint64_t>& values) {
  return {values.begin(), values.end()};
}

void reference_matmul(ReferenceContext& context) {
  const MatrixProduct plan = plan_product(context, context.shape(0), context.shape(1));
  const DType dtype = context.dtype(0);
  if (is_integer(dtype)) {
    const auto y = multiply(plan, wrapping(context.integers(0)), wrapping(context.integers(1)));
    context.set_integers(0, dtype, plan.output, unwrapped(y));
  } else {
    context.set_doubles(0, dtype, plan.output, multiply(plan, context.doubles(0), context.doubles(1)));
  }
}

Cost cost_matmul(const CostContext& context) {
  Cost cost = context.traffic();
  const double inner = static_cast<double>(context.input_shape(0).back());
  cost.add_operations(context.input_dtype(0), 2 * inner * context.output_elements(0));
  return cost;
}

template <typename T>
std::vector<T> transposed(const std::vector<T>& values, const Shape& shape) {
  std::vector<T> out(values.size());
  const std::size_t rows = static_cast<std::size_t>(shape[0]);
  const std::size_t columns = static_cast<std::size_t>(shape[1]);
  for (std::size_t i = 0; i < rows; ++i)
    for (std::size_t j = 0; j < columns; ++j) out[j * rows + i] = values[i * columns + j];
  return out;
}

// Factors are real even where elements are integers.
std::int64_t scaled(std::int64_t value, float factor) {
  if (factor == 1) return value;
  const double limit = 9.2e18;
  return static_cast<std::int64_t>(std::clamp(static_cast<double>(value) * factor, -limit, limit));
}
double scaled(double value, float factor) {
  return factor == 0 ? 0 : value * factor;
}

template <typename T, typename Value>
std::vector<Value> general_product(const ReferenceContext& context, const MatrixProduct& plan,
                                   std::vector<T> a, std::vector<T> b, const std::vector<Value>& c) {
  if (context.integer("transA") != 0) a = transposed(a, context.shape(0));
  if (context.integer("transB") != 0) b = transposed(b, context.shape(1));
  const std::vector<T> product = multiply(plan, a, b);
  std::vector<Value> y(product.size());
  for (std::size_t i = 0; i < y.size(); ++i)
    y[i] = scaled(static_cast<Value>(product[i]), context.real("alpha"));
  if (!context.has_input(2)) return y;
  const std::vector<std::int64_t> steps = broadcast_strides(context.shape(2), plan.output);
  for (std::size_t i = 0; i < y.size(); ++i) {
    const std::int64_t row = static_cast<std::int64_t>(i) / plan.columns;
    const std::int64_t column = static_cast<std::int64_t>(i) % plan.columns;
    y[i] += scaled(c[static_cast<std::size_t>(row * steps[0] + column * steps[1])], context.real("beta"));
  }
  return y;
}

void reference_gemm(ReferenceContext& context) {
  Shape a = context.shape(0);
  Shape b = context.shape(1);
  context.check(a.size() == 2 && b.size() == 2, "expected matrices, got {} and {}", text(a), text(b));
  if (context.integer("transA") != 0) std::swap(a[0], a[1]);
  if (context.integer("transB") != 0) std::swap(b[0], b[1]);
  const MatrixProduct plan = plan_product(context, a, b);
  if (context.has_input(2)) {
    const Shape& c = context.shape(2);
    context.check(c.size() <= 2 && broadcast(c, plan.output) == plan.output,
                  "expected a C that broadcasts to {}, got {}", text(plan.output), text(c));
  }
  const DType dtype = context.dtype(0);
  if (is_integer(dtype)) {
    const auto c = context.has_input(2) ? context.integers(2) : std::vector<std::int64_t>();
    const auto y =
        general_product(context, plan, wrapping(context.integers(0)), wrapping(context.integers(1)), c);
    context.set_integers(0, dtype, plan.output, y);
  } else {
    const auto c = context.has_input(2) ? context.doubles(2) : std::vector<double>();
    context.set_doubles(0, dtype, plan.output,
                        general_product(context, plan, context.doubles(0), context.doubles(1), c));
  }
}

void infer_gemm(InferContext& context) {
  Dims out(2);
  Dims inner(2);
  for (const std::size_t i : {std::size_t{0}, std::size_t{1}}) {
    const auto& dims = context.dims(i);
    if (!dims) continue;
    context.check(dims->size() == 2, "expected matrices, got {}", text(*dims));
    const bool swapped = context.integer(i == 0 ? "transA" : "transB") != 0;
    out[i] = (*dims)[swapped ? 1 - i : i];
    inner[i] = (*dims)[swapped ? i : 1 - i];
  }
  context.check(!inner[0].is_constant() || !inner[1].is_constant() || inner[0] == inner[1],
                "expected inner extents that agree, got {} and {}", text(context.input(0)),
                text(context.input(1)));
  context.set_output(0, context.dtype(0), std::move(out));
}

Cost cost_gemm(const CostContext& context) {
  Cost cost = context.traffic();
  const double inner = static_cast<double>(context.input_shape(0)[context.integer("transA") != 0 ? 0 : 1]);
  const double per_output = 2 * inner + (context.has_input(2) ? 2 : 0);
  cost.add_operations(context.input_dtype(0), per_output * context.output_elements(0));
  return cost;
}

// Gaussian elimination with partial pivoting; destroys `m`.
double determinant(std::span<double> m, std::size_t n) {
  double out = 1;
  for (std::size_t column = 0; column < n; ++column) {
    std::size_t pivot = column;
    for (std::size_t row = column + 1; row < n; ++row)
      if (std::abs(m[row * n + column]) > std::abs(m[pivot * n + column])) pivot = row;
    if (m[pivot * n + column] == 0) return 0;
    if (pivot != column) {
      std::swap_ranges(m.begin() + static_cast<std::ptrdiff_t>(pivot * n),
                       m.begin() + static_cast<std::ptrdiff_t>((pivot + 1) * n),
                       m.begin() + static_cast<std::ptrdiff_t>(column * n));
      out = -out;
    }
    out *= m[column * n + column];
    for (std::size_t row = column + 1; row < n; ++row) {
      const double factor = m[row * n + column] / m[column * n + column];
      for (std::size_t k = column; k < n; ++k) m[row * n + k] -= factor * m[column * n + k];
    }
  }
  return out;
}

void reference_det(ReferenceContext& context) {
  const Shape& shape = context.shape(0);
  context.check(shape.size() >= 2 && shape.back() == shape[shape.size() - 2],
                "expected square matrices, got {}", text(shape));
  const Shape output(shape.begin(), shape.end() - 2);
  const std::size_t n = static_cast<std::size_t>(shape.back());
  std::vector<double> matrices = context.doubles(0);
  std::vector<double> y(element_count(output));
  for (std::size_t i = 0; i < y.size(); ++i)
    y[i] = determinant(std::span(matrices).subspan(i * n * n, n * n), n);
  context.set_doubles(0, context.dtype(0), output, y);
}

void infer_det(InferContext& context) {
  std::optional<Dims> dims = context.dims(0);
  if (dims) {
    context.check(dims->size() >= 2, "expected matrices, got {}", text(*dims));
    const Dim& rows = (*dims)[dims->size() - 2];
    context.check(!rows.is_constant() || !dims->back().is_constant() || rows == dims->back(),
                  "expected square matrices, got {}", text(*dims));
    dims->resize(dims->size() - 2);
  }
  context.set_output(0, context.dtype(0), std::move(dims));
}

Cost cost_det(const CostContext& context) {
  Cost cost = context.traffic();
  const double n = static_cast<double>(context.input_shape(0).back());
  cost.add_operations(context.input_dtype(0), 2.0 / 3 * n * n * n * context.output_elements(0));
  return cost;
}

}  // namespace

std::vector<OpDef> matmul() {
  return {
      {.name = "Det",
       .schema = {"X:T -> Y:T", {{"T", types::kFloats}}},
       .infer = infer_det,
       .reference = reference_det,
       .cost = cost_det},
      {.name = "Gemm",
       .schema = {"A:T, B:T, C?:T -> Y:T",
                  {{"T", kOperands}},
                  {{"alpha", 1.0f}, {"beta", 1.0f}, {"transA", 0}, {"transB", 0}}},
       .infer = infer_gemm,
       .reference = reference_gemm,
       .cost = cost_gemm},
      {.name = "MatMul",
       .schema = {"A:T, B:T -> Y:T", {{"T", kOperands}}},
       .infer = [](InferContext& context) { infer_product(context, 0, 1, context.dtype(0)); },
       .reference = reference_matmul,
       .cost = cost_matmul},
  };
}

}  // namespace atlas::ops
