// Rows are added up where a row is contiguous, and dot products taken where a column is.
#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "atlas/targets/cpu/kernels/matvec.cpp"
#include <hwy/foreach_target.h>
// After foreach_target.
#include <hwy/highway.h>

#include <algorithm>

#include "atlas/targets/cpu/kernels/dispatch.h"
#include "atlas/targets/cpu/kernels/matvec.h"

HWY_BEFORE_NAMESPACE();
namespace atlas::cpu {
namespace HWY_NAMESPACE {
namespace hn = hwy::HWY_NAMESPACE;

/// y[0, n) = sum of x[i] * row i. Eight rows at a time, so that y moves to and fro less than the matrix.
void add_rows(size_t n, size_t k, const float* matrix, size_t stride, const float* x, float* y) {
  constexpr size_t kRows = 8;
  const hn::ScalableTag<float> d;
  const size_t lanes = hn::Lanes(d);
  std::fill(y, y + n, 0.0f);
  for (size_t i = 0; i < k; i += kRows) {
    const size_t rows = std::min(kRows, k - i);
    const float* row = matrix + i * stride;
    size_t j = 0;
    if (rows == kRows) {
      hn::Vec<decltype(d)> factor[kRows];
#pragma GCC unroll 8
      for (size_t r = 0; r < kRows; ++r) factor[r] = hn::Set(d, x[i + r]);
      for (; j + lanes <= n; j += lanes) {
        auto even = hn::LoadU(d, y + j), odd = hn::Zero(d);
#pragma GCC unroll 4
        for (size_t r = 0; r < kRows; r += 2) {
          even = hn::MulAdd(factor[r], hn::LoadU(d, row + r * stride + j), even);
          odd = hn::MulAdd(factor[r + 1], hn::LoadU(d, row + (r + 1) * stride + j), odd);
        }
        hn::StoreU(hn::Add(even, odd), d, y + j);
      }
    } else {
      for (; j + lanes <= n; j += lanes) {
        auto sum = hn::LoadU(d, y + j);
        for (size_t r = 0; r < rows; ++r)
          sum = hn::MulAdd(hn::Set(d, x[i + r]), hn::LoadU(d, row + r * stride + j), sum);
        hn::StoreU(sum, d, y + j);
      }
    }
    for (; j < n; ++j)
      for (size_t r = 0; r < rows; ++r) y[j] += x[i + r] * row[r * stride + j];
  }
}

/// y[j] = x . column j, where columns are contiguous and `stride` apart. Four columns at a time share x.
void dot_columns(size_t n, size_t k, const float* matrix, size_t stride, const float* x, float* y) {
  const hn::ScalableTag<float> d;
  const size_t lanes = hn::Lanes(d);
  size_t j = 0;
  for (; j + 4 <= n; j += 4, matrix += 4 * stride) {
    auto s0 = hn::Zero(d), s1 = hn::Zero(d), s2 = hn::Zero(d), s3 = hn::Zero(d);
    size_t i = 0;
    for (; i + lanes <= k; i += lanes) {
      const auto v = hn::LoadU(d, x + i);
      s0 = hn::MulAdd(v, hn::LoadU(d, matrix + i), s0);
      s1 = hn::MulAdd(v, hn::LoadU(d, matrix + stride + i), s1);
      s2 = hn::MulAdd(v, hn::LoadU(d, matrix + 2 * stride + i), s2);
      s3 = hn::MulAdd(v, hn::LoadU(d, matrix + 3 * stride + i), s3);
    }
    float sums[4] = {hn::GetLane(hn::SumOfLanes(d, s0)), hn::GetLane(hn::SumOfLanes(d, s1)),
                     hn::GetLane(hn::SumOfLanes(d, s2)), hn::GetLane(hn::SumOfLanes(d, s3))};
    for (; i < k; ++i)
      for (size_t c = 0; c < 4; ++c) sums[c] += x[i] * matrix[c * stride + i];
    std::copy_n(sums, 4, y + j);
  }
  for (; j < n; ++j, matrix += stride) {
    auto s = hn::Zero(d);
    size_t i = 0;
    for (; i + lanes <= k; i += lanes) s = hn::MulAdd(hn::LoadU(d, x + i), hn::LoadU(d, matrix + i), s);
    float sum = hn::GetLane(hn::SumOfLanes(d, s));
    for (; i < k; ++i) sum += x[i] * matrix[i];
    y[j] = sum;
  }
}

}  // namespace HWY_NAMESPACE
}  // namespace atlas::cpu
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace atlas::cpu {
HWY_EXPORT(add_rows);
HWY_EXPORT(dot_columns);

void matvec(size_t n, size_t k, MatrixView matrix, const float* x, float* y, ThreadPool& pool) {
  constexpr size_t elements_per_task = 32768;
  constexpr size_t widest_strip = 2048;  // its part of y stays in the first cache
  const size_t share = (n + pool.size() - 1) / pool.size();
  const size_t worth = std::max<size_t>(64, elements_per_task / std::max<size_t>(1, k));
  const size_t grain = std::min(widest_strip, std::max(share, worth));
  pool.parallel_for(n, grain, [&](size_t begin, size_t end) {
    const float* part = matrix.data + begin * matrix.column_stride;
    if (matrix.column_stride == 1)
      ATLAS_DISPATCH(add_rows)(end - begin, k, part, matrix.row_stride, x, y + begin);
    else if (matrix.row_stride == 1)
      ATLAS_DISPATCH(dot_columns)(end - begin, k, part, matrix.column_stride, x, y + begin);
    else
      for (size_t j = 0; j < end - begin; ++j) {
        float sum = 0;
        for (size_t i = 0; i < k; ++i) sum += x[i] * part[i * matrix.row_stride + j * matrix.column_stride];
        y[begin + j] = sum;
      }
  });
}

}  // namespace atlas::cpu
#endif
