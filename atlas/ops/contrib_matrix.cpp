// Inverses of matrices and distances between their rows.
#include <cmath>

#include "atlas/ops/by_decomposition.h"
#include "atlas/ops/families.h"
#include "atlas/ops/formula.h"

namespace atlas::ops {
namespace {

// Gauss-Jordan elimination with the largest pivot of each column; `a` is n x n. False where it is singular.
bool invert(std::vector<double>& a, std::size_t n) {
  std::vector<double> inverse(n * n, 0);
  for (std::size_t i = 0; i < n; ++i) inverse[i * n + i] = 1;
  const auto swap_rows = [n](std::vector<double>& m, std::size_t x, std::size_t y) {
    std::swap_ranges(m.begin() + static_cast<std::ptrdiff_t>(x * n),
                     m.begin() + static_cast<std::ptrdiff_t>((x + 1) * n),
                     m.begin() + static_cast<std::ptrdiff_t>(y * n));
  };
  for (std::size_t column = 0; column < n; ++column) {
    std::size_t pivot = column;
    for (std::size_t row = column + 1; row < n; ++row)
      if (std::fabs(a[row * n + column]) > std::fabs(a[pivot * n + column])) pivot = row;
    if (a[pivot * n + column] == 0) return false;
    if (pivot != column) {
      swap_rows(a, pivot, column);
      swap_rows(inverse, pivot, column);
    }
    const double scale = 1 / a[column * n + column];
    for (std::size_t j = 0; j < n; ++j) {
      a[column * n + j] *= scale;
      inverse[column * n + j] *= scale;
    }
    for (std::size_t row = 0; row < n; ++row) {
      const double factor = a[row * n + column];
      if (row == column || factor == 0) continue;
      for (std::size_t j = 0; j < n; ++j) {
        a[row * n + j] -= factor * a[column * n + j];
        inverse[row * n + j] -= factor * inverse[column * n + j];
      }
    }
  }
  a = std::move(inverse);
  return true;
}

void infer_inverse(InferContext& context) {
  const auto& dims = context.dims(0);
  context.check(!dims || dims->size() >= 2, "expected matrices, got {}", text(context.input(0)));
  infer_same_as_first(context);
}

void reference_inverse(ReferenceContext& context) {
  const Shape& shape = context.shape(0);
  context.check(shape.size() >= 2 && shape.back() == shape[shape.size() - 2],
                "expected square matrices, got {}", text(shape));
  const std::size_t n = static_cast<std::size_t>(shape.back());
  std::vector<double> values = context.doubles(0);
  for (std::size_t begin = 0; begin < values.size(); begin += n * n) {
    const auto first = values.begin() + static_cast<std::ptrdiff_t>(begin);
    std::vector<double> matrix(first, first + static_cast<std::ptrdiff_t>(n * n));
    context.check(invert(matrix, n), "matrix {} has no inverse", begin / (n * n));
    std::copy(matrix.begin(), matrix.end(), first);
  }
  context.set_doubles(0, context.dtype(0), shape, values);
}

// Distances of all pairs of rows [M, K] and [N, K]: [M, N].
std::vector<ValueId> decompose_cdist(DecomposeContext& context) {
  Formula f{context};
  const std::string metric = context.node().attributes.string("metric", "sqeuclidean");
  require(metric == "sqeuclidean" || metric == "euclidean",
          "{}: expected sqeuclidean or euclidean as metric, got '{}'", describe(context.node()), metric);
  const ValueId apart = f.sub(f.unsqueeze(f.input(0), {1}), f.unsqueeze(f.input(1), {0}));
  const ValueId squares =
      f.op("ReduceSum", {f.mul(apart, apart), f.ints({2})}, {{"keepdims", std::int64_t{0}}});
  return {metric == "euclidean" ? f.op("Sqrt", {squares}) : squares};
}

}  // namespace

std::vector<OpDef> contrib_matrix() {
  return {
      contrib_op("CDist", {"A:T, B:T -> C:T", {{"T", {DType::F32, DType::F64}}}, {{"metric", "sqeuclidean"}}},
                 decompose_cdist),
      {.domain = "com.microsoft",
       .name = "Inverse",
       .schema = {"X:T -> Y:T", {{"T", {DType::F16, DType::F32, DType::F64}}}},
       .infer = infer_inverse,
       .reference = reference_inverse},
  };
}

}  // namespace atlas::ops
