// The mean of a row comes before its variance, which so loses no digits to a large mean; the passes over a
// few rows find them in the first cache.
#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "atlas/targets/cpu/kernels/norm.cpp"
#include <hwy/foreach_target.h>
// After foreach_target.
#include <algorithm>
#include <cmath>

#include "atlas/targets/cpu/kernels/dispatch.h"
#include "atlas/targets/cpu/kernels/lanes-inl.h"
#include "atlas/targets/cpu/kernels/norm.h"
#include "atlas/targets/cpu/kernels/partial-inl.h"

#ifndef ATLAS_CPU_NORM_ROWS
#define ATLAS_CPU_NORM_ROWS
namespace atlas::cpu {

/// Rows of n that lie one behind the other.
struct NormRows {
  const float* x;
  float* y;  // null: only the statistics
  size_t n;
  const float *scale, *bias;
  float epsilon;
  bool centered;  // by the mean of each row
};

}  // namespace atlas::cpu
#endif

HWY_BEFORE_NAMESPACE();
namespace atlas::cpu {
namespace HWY_NAMESPACE {

using D = hn::ScalableTag<float>;
using V = hn::Vec<D>;

constexpr size_t lanes = hn::MaxLanes(D());
constexpr size_t rows_at_once = 4;

/// Sums of (x - center), or of its squares, of kRows rows: several sums of each at a time bound the rounding
/// of long rows and do not wait for each other. Of less than four rows, the other sums are 0.
template <size_t kRows, bool kSquares>
HWY_INLINE void sum_rows(const float* x, size_t n, const float* centers, float* sums) {
  constexpr size_t kSums = 8 / kRows;
  const D d;
  V sum[kRows][kSums], center[kRows];
#pragma GCC unroll 4
  for (size_t r = 0; r < kRows; ++r) {
    center[r] = hn::Set(d, centers[r]);
#pragma GCC unroll 8
    for (size_t s = 0; s < kSums; ++s) sum[r][s] = hn::Zero(d);
  }
  const auto add = [&](size_t r, size_t s, V v) HWY_ATTR {
    const V distance = hn::Sub(v, center[r]);
    sum[r][s] = kSquares ? hn::MulAdd(distance, distance, sum[r][s]) : hn::Add(sum[r][s], distance);
  };
  size_t i = 0;
  for (; i + kSums * lanes <= n; i += kSums * lanes)
#pragma GCC unroll 8
    for (size_t s = 0; s < kSums; ++s)
#pragma GCC unroll 4
      for (size_t r = 0; r < kRows; ++r) add(r, s, hn::LoadU(d, x + r * n + i + s * lanes));
  for (; i + lanes <= n; i += lanes)
#pragma GCC unroll 4
    for (size_t r = 0; r < kRows; ++r) add(r, 0, hn::LoadU(d, x + r * n + i));
  if (const size_t rest = n - i)
#pragma GCC unroll 4
    for (size_t r = 0; r < kRows; ++r)
      add(r, 1, hn::IfThenElse(hn::FirstN(d, rest), load_partial(d, x + r * n + i, rest), center[r]));
  V all[4] = {hn::Zero(d), hn::Zero(d), hn::Zero(d), hn::Zero(d)};
#pragma GCC unroll 4
  for (size_t r = 0; r < kRows; ++r) {
    V total = hn::Add(sum[r][0], sum[r][1]);
#pragma GCC unroll 4
    for (size_t s = 2; s < kSums; s += 2) total = hn::Add(total, hn::Add(sum[r][s], sum[r][s + 1]));
    all[r] = total;
  }
  hn::StoreU(sums_of_lanes(d, all[0], all[1], all[2], all[3]), hn::FixedTag<float, 4>(), sums);
}

/// y = (x - mean) * factor * scale[i] + bias[i], row by row.
template <size_t kRows, bool kBias>
HWY_INLINE void scale_rows(const float* x, float* y, size_t n, const float* means, const float* factors,
                           const float* scale, const float* bias) {
  const D d;
  V mean[kRows], factor[kRows];
#pragma GCC unroll 4
  for (size_t r = 0; r < kRows; ++r) {
    mean[r] = hn::Set(d, means[r]);
    factor[r] = hn::Set(d, factors[r]);
  }
  const auto finish = [&](V v, size_t r, V by, V shift) HWY_ATTR {
    v = hn::Mul(hn::Sub(v, mean[r]), factor[r]);
    return kBias ? hn::MulAdd(v, by, shift) : hn::Mul(v, by);
  };
  const V one = hn::Set(d, 1.0f), none = hn::Zero(d);
  size_t i = 0;
  for (; i + lanes <= n; i += lanes) {
    const V by = scale ? hn::LoadU(d, scale + i) : one, shift = kBias ? hn::LoadU(d, bias + i) : none;
#pragma GCC unroll 4
    for (size_t r = 0; r < kRows; ++r)
      hn::StoreU(finish(hn::LoadU(d, x + r * n + i), r, by, shift), d, y + r * n + i);
  }
  if (const size_t rest = n - i) {
    const V by = scale ? load_partial(d, scale + i, rest) : one;
    const V shift = kBias ? load_partial(d, bias + i, rest) : none;
#pragma GCC unroll 4
    for (size_t r = 0; r < kRows; ++r)
      store_partial(finish(load_partial(d, x + r * n + i, rest), r, by, shift), d, y + r * n + i, rest);
  }
}

template <size_t kRows>
HWY_INLINE void normalize(const NormRows& work, size_t row, float* means, float* factors) {
  const float* x = work.x + row * work.n;
  const auto count = static_cast<float>(work.n);
  HWY_ALIGN float mean[4] = {}, square[4];
  if (work.centered) {
    sum_rows<kRows, false>(x, work.n, mean, mean);
    for (float& sum : mean) sum /= count;
  }
  sum_rows<kRows, true>(x, work.n, mean, square);
  for (float& sum : square) sum = 1 / std::sqrt(sum / count + work.epsilon);
  std::copy_n(mean, kRows, means);
  std::copy_n(square, kRows, factors);
  if (!work.y) return;
  float* y = work.y + row * work.n;
  if (work.bias)
    scale_rows<kRows, true>(x, y, work.n, mean, square, work.scale, work.bias);
  else
    scale_rows<kRows, false>(x, y, work.n, mean, square, work.scale, nullptr);
}

/// Rows [begin, end); several at once as long as they stay in the first cache.
void normalize_rows(const NormRows& work, size_t begin, size_t end, float* means, float* factors) {
  constexpr size_t longest_row = 1536;
  size_t row = begin;
  if (work.n <= longest_row)
    for (; row + rows_at_once <= end; row += rows_at_once)
      normalize<rows_at_once>(work, row, means + row - begin, factors + row - begin);
  for (; row < end; ++row) normalize<1>(work, row, means + row - begin, factors + row - begin);
}

/// y = x * factor + shift
void affine_row(const float* x, float* y, size_t n, float factor, float shift) {
  const D d;
  const size_t lanes = hn::Lanes(d);
  const V a = hn::Set(d, factor), b = hn::Set(d, shift);
  size_t i = 0;
  for (; i + lanes <= n; i += lanes) hn::StoreU(hn::MulAdd(hn::LoadU(d, x + i), a, b), d, y + i);
  if (const size_t rest = n - i)
    store_partial(hn::MulAdd(load_partial(d, x + i, rest), a, b), d, y + i, rest);
}

}  // namespace HWY_NAMESPACE
}  // namespace atlas::cpu
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace atlas::cpu {
HWY_EXPORT(normalize_rows);
HWY_EXPORT(affine_row);

namespace {

constexpr size_t elements_per_task = 8192;

void normalize(const NormRows& work, size_t rows, float* means, float* factors, ThreadPool& pool) {
  const size_t grain = (elements_per_task / (4 * work.n + 1) + 1) * 4;  // rows that go together
  pool.parallel_for(rows, grain, [&](size_t begin, size_t end) {
    constexpr size_t most = 64;
    float mean[most], factor[most];
    for (size_t row = begin; row < end; row += most) {
      const size_t stop = std::min(end, row + most);
      ATLAS_DISPATCH(normalize_rows)(work, row, stop, mean, factor);
      if (means) std::copy_n(mean, stop - row, means + row);
      if (factors) std::copy_n(factor, stop - row, factors + row);
    }
  });
}

}  // namespace

void layer_norm(const float* x, float* y, size_t rows, size_t n, const float* scale, const float* bias,
                float epsilon, float* mean, float* inverse_deviation, ThreadPool& pool) {
  normalize({x, y, n, scale, bias, epsilon, true}, rows, mean, inverse_deviation, pool);
}

void rms_norm(const float* x, float* y, size_t rows, size_t n, const float* scale, float epsilon,
              ThreadPool& pool) {
  normalize({x, y, n, scale, nullptr, epsilon, false}, rows, nullptr, nullptr, pool);
}

void channel_affine(const float* x, float* y, size_t batch, size_t channels, size_t inner, const float* scale,
                    const float* shift, ThreadPool& pool) {
  pool.parallel_for(batch * channels, elements_per_task / (inner + 1) + 1, [&](size_t begin, size_t end) {
    const auto affine = ATLAS_DISPATCH(affine_row);
    for (size_t row = begin; row < end; ++row)
      affine(x + row * inner, y + row * inner, inner, scale[row % channels], shift[row % channels]);
  });
}

void group_norm(const float* x, float* y, size_t batch, size_t channels, size_t inner, size_t groups,
                const float* scale, const float* bias, float epsilon, ThreadPool& pool) {
  const size_t per_group = channels / groups, n = per_group * inner;
  pool.parallel_for(batch * groups, elements_per_task / (n + 1) + 1, [&](size_t begin, size_t end) {
    for (size_t group = begin; group < end; ++group) {
      const float* from = x + group * n;
      float mean, inverse_deviation;
      ATLAS_DISPATCH(normalize_rows)
      ({from, nullptr, n, nullptr, nullptr, epsilon, true}, 0, 1, &mean, &inverse_deviation);
      for (size_t c = 0; c < per_group; ++c) {
        const size_t channel = group % groups * per_group + c;
        const float factor = inverse_deviation * (scale ? scale[channel] : 1);
        const float shift = (bias ? bias[channel] : 0) - mean * factor;
        ATLAS_DISPATCH(affine_row)(from + c * inner, y + group * n + c * inner, inner, factor, shift);
      }
    }
  });
}

}  // namespace atlas::cpu
#endif
