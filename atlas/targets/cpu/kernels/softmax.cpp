// Along the last axis a line is reduced in vectors; along another, each lane carries a line of its own.
#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "atlas/targets/cpu/kernels/softmax.cpp"
#include <hwy/foreach_target.h>
// After foreach_target.
#include <algorithm>
#include <cmath>
#include <limits>

#include "atlas/targets/cpu/kernels/dispatch.h"
#include "atlas/targets/cpu/kernels/partial-inl.h"
#include "atlas/targets/cpu/kernels/softmax.h"
#include "atlas/targets/cpu/kernels/vmath-inl.h"

HWY_BEFORE_NAMESPACE();
namespace atlas::cpu {
namespace HWY_NAMESPACE {

using D = hn::ScalableTag<float>;
using V = hn::Vec<D>;

void last_axis(const float* x, float* y, size_t rows, size_t n, bool log) {
  const D d;
  const size_t lanes = hn::Lanes(d);
  constexpr float lowest = -std::numeric_limits<float>::infinity();
  for (size_t row = 0; row < rows; ++row, x += n, y += n) {
    const size_t whole = n - n % lanes, rest = n % lanes;
    V top = hn::Set(d, lowest);
    for (size_t i = 0; i < whole; i += lanes) top = max_keeping_nan(top, hn::LoadU(d, x + i));
    float max = hn::GetLane(hn::MaxOfLanes(d, top));
    for (size_t i = whole; i < n; ++i) max = std::max(max, x[i]);
    const V shift = hn::Set(d, max);

    V sums = hn::Zero(d);
    for (size_t i = 0; i < whole; i += lanes) {
      const V e = vexp_below_one(d, hn::Sub(hn::LoadU(d, x + i), shift));
      sums = hn::Add(sums, e);
      if (!log) hn::StoreU(e, d, y + i);
    }
    if (rest) {
      const V e = vexp_below_one(d, hn::Sub(load_partial(d, x + whole, rest), shift));
      sums = hn::Add(sums, hn::IfThenElseZero(hn::FirstN(d, rest), e));
      if (!log) store_partial(e, d, y + whole, rest);
    }
    const float sum = hn::GetLane(hn::SumOfLanes(d, sums));

    if (log) {
      const V log_sum = hn::Set(d, std::log(sum));
      for (size_t i = 0; i < whole; i += lanes)
        hn::StoreU(hn::Sub(hn::Sub(hn::LoadU(d, x + i), shift), log_sum), d, y + i);
      if (rest)
        store_partial(hn::Sub(hn::Sub(load_partial(d, x + whole, rest), shift), log_sum), d, y + whole, rest);
    } else {
      const V scale = hn::Set(d, 1.0f / sum);
      for (size_t i = 0; i < whole; i += lanes) hn::StoreU(hn::Mul(hn::LoadU(d, y + i), scale), d, y + i);
      if (rest) store_partial(hn::Mul(load_partial(d, y + whole, rest), scale), d, y + whole, rest);
    }
  }
}

/// `count` (at most Lanes) neighbouring lines whose elements are `stride` apart.
void neighbouring_lines(const float* x, float* y, size_t n, size_t stride, size_t count, bool log) {
  const D d;
  const bool whole = count == hn::Lanes(d);
  const auto load = [&](const float* from)
                        HWY_ATTR { return whole ? hn::LoadU(d, from) : load_partial(d, from, count); };
  const auto store = [&](V v, float* to) HWY_ATTR {
    if (whole) return hn::StoreU(v, d, to);
    store_partial(v, d, to, count);
  };
  V max = load(x);
  for (size_t i = 1; i < n; ++i) max = max_keeping_nan(max, load(x + i * stride));
  V sum = hn::Zero(d);
  for (size_t i = 0; i < n; ++i) {
    const V e = vexp_below_one(d, hn::Sub(load(x + i * stride), max));
    sum = hn::Add(sum, e);
    if (!log) store(e, y + i * stride);
  }
  const V last = log ? vlog(d, sum) : hn::Div(hn::Set(d, 1.0f), sum);
  for (size_t i = 0; i < n; ++i) {
    if (log)
      store(hn::Sub(hn::Sub(load(x + i * stride), max), last), y + i * stride);
    else
      store(hn::Mul(load(y + i * stride), last), y + i * stride);
  }
}

size_t vector_lanes() {
  return hn::Lanes(D());
}

}  // namespace HWY_NAMESPACE
}  // namespace atlas::cpu
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace atlas::cpu {
HWY_EXPORT(last_axis);
HWY_EXPORT(neighbouring_lines);
HWY_EXPORT(vector_lanes);

void softmax(const float* x, float* y, size_t outer, size_t n, size_t inner, bool log, ThreadPool& pool) {
  if (n == 0) return;
  constexpr size_t elements_per_task = 4096;
  if (inner == 1) {
    pool.parallel_for(outer, elements_per_task / n + 1, [&](size_t begin, size_t end) {
      ATLAS_DISPATCH(last_axis)(x + begin * n, y + begin * n, end - begin, n, log);
    });
    return;
  }
  const size_t lanes = ATLAS_DISPATCH(vector_lanes)(), groups = (inner + lanes - 1) / lanes;
  pool.parallel_for(outer * groups, elements_per_task / (n * lanes) + 1, [&](size_t begin, size_t end) {
    for (size_t index = begin; index < end; ++index) {
      const size_t first = index % groups * lanes, at = index / groups * n * inner + first;
      ATLAS_DISPATCH(neighbouring_lines)(x + at, y + at, n, inner, std::min(lanes, inner - first), log);
    }
  });
}

}  // namespace atlas::cpu
#endif
