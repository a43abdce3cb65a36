// Two passes over each row, the mean first: the variance then loses no digits to a large mean.
#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "atlas/targets/cpu/kernels/norm.cpp"
#include <hwy/foreach_target.h>
// After foreach_target.
#include <algorithm>
#include <cmath>

#include "atlas/targets/cpu/kernels/dispatch.h"
#include "atlas/targets/cpu/kernels/norm.h"
#include "atlas/targets/cpu/kernels/partial-inl.h"

HWY_BEFORE_NAMESPACE();
namespace atlas::cpu {
namespace HWY_NAMESPACE {

using D = hn::ScalableTag<float>;
using V = hn::Vec<D>;

/// The sum of (x - center), or of its squares. Four sums at a time bound the rounding of long rows.
float sum_row(const float* x, size_t n, float center, bool squares) {
  const D d;
  const size_t lanes = hn::Lanes(d);
  const V middle = hn::Set(d, center);
  V sums[4] = {hn::Zero(d), hn::Zero(d), hn::Zero(d), hn::Zero(d)};
  const auto term = [&](V v) HWY_ATTR {
    const V distance = hn::Sub(v, middle);
    return squares ? hn::Mul(distance, distance) : distance;
  };
  size_t i = 0;
  for (; i + 4 * lanes <= n; i += 4 * lanes)
    for (size_t s = 0; s < 4; ++s) sums[s] = hn::Add(sums[s], term(hn::LoadU(d, x + i + s * lanes)));
  for (; i + lanes <= n; i += lanes) sums[0] = hn::Add(sums[0], term(hn::LoadU(d, x + i)));
  if (const size_t rest = n - i)
    sums[1] = hn::Add(sums[1], hn::IfThenElseZero(hn::FirstN(d, rest), term(load_partial(d, x + i, rest))));
  return hn::GetLane(hn::SumOfLanes(d, hn::Add(hn::Add(sums[0], sums[1]), hn::Add(sums[2], sums[3]))));
}

/// y = (x - mean) * factor * scale[i] + bias[i]
void scale_row(const float* x, float* y, size_t n, float mean, float factor, const float* scale,
               const float* bias) {
  const D d;
  const size_t lanes = hn::Lanes(d);
  const V middle = hn::Set(d, mean), all = hn::Set(d, factor);
  size_t i = 0;
  for (; i + lanes <= n; i += lanes) {
    V v = hn::Mul(hn::Sub(hn::LoadU(d, x + i), middle), all);
    if (scale) v = hn::Mul(v, hn::LoadU(d, scale + i));
    if (bias) v = hn::Add(v, hn::LoadU(d, bias + i));
    hn::StoreU(v, d, y + i);
  }
  if (const size_t rest = n - i) {
    V v = hn::Mul(hn::Sub(load_partial(d, x + i, rest), middle), all);
    if (scale) v = hn::Mul(v, load_partial(d, scale + i, rest));
    if (bias) v = hn::Add(v, load_partial(d, bias + i, rest));
    store_partial(v, d, y + i, rest);
  }
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
HWY_EXPORT(sum_row);
HWY_EXPORT(scale_row);
HWY_EXPORT(affine_row);

namespace {

constexpr size_t elements_per_task = 8192;

struct Statistics {
  float mean, inverse_deviation;
};

Statistics measure(const float* x, size_t n, float epsilon) {
  const auto sum = ATLAS_DISPATCH(sum_row);
  const float mean = sum(x, n, 0, false) / static_cast<float>(n);
  const float variance = sum(x, n, mean, true) / static_cast<float>(n);
  return {mean, 1 / std::sqrt(variance + epsilon)};
}

}  // namespace

void layer_norm(const float* x, float* y, size_t rows, size_t n, const float* scale, const float* bias,
                float epsilon, float* mean, float* inverse_deviation, ThreadPool& pool) {
  pool.parallel_for(rows, elements_per_task / (n + 1) + 1, [&](size_t begin, size_t end) {
    for (size_t row = begin; row < end; ++row) {
      const Statistics s = measure(x + row * n, n, epsilon);
      ATLAS_DISPATCH(scale_row)(x + row * n, y + row * n, n, s.mean, s.inverse_deviation, scale, bias);
      if (mean) mean[row] = s.mean;
      if (inverse_deviation) inverse_deviation[row] = s.inverse_deviation;
    }
  });
}

void rms_norm(const float* x, float* y, size_t rows, size_t n, const float* scale, float epsilon,
              ThreadPool& pool) {
  pool.parallel_for(rows, elements_per_task / (n + 1) + 1, [&](size_t begin, size_t end) {
    for (size_t row = begin; row < end; ++row) {
      const float square = ATLAS_DISPATCH(sum_row)(x + row * n, n, 0, true) / static_cast<float>(n);
      ATLAS_DISPATCH(scale_row)
      (x + row * n, y + row * n, n, 0, 1 / std::sqrt(square + epsilon), scale, nullptr);
    }
  });
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
      const Statistics s = measure(from, n, epsilon);
      for (size_t c = 0; c < per_group; ++c) {
        const size_t channel = group % groups * per_group + c;
        const float factor = s.inverse_deviation * (scale ? scale[channel] : 1);
        const float shift = (bias ? bias[channel] : 0) - s.mean * factor;
        ATLAS_DISPATCH(affine_row)(from + c * inner, y + group * n + c * inner, inner, factor, shift);
      }
    }
  });
}

}  // namespace atlas::cpu
#endif
