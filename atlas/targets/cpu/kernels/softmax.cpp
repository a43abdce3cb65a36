// Along the last axis a line is reduced in vectors; along another, each lane carries a line of its own.
#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "atlas/targets/cpu/kernels/softmax.cpp"
#include <hwy/foreach_target.h>
// After foreach_target.
#include <algorithm>
#include <cmath>
#include <limits>

#include "atlas/targets/cpu/kernels/dispatch.h"
#include "atlas/targets/cpu/kernels/lanes-inl.h"
#include "atlas/targets/cpu/kernels/partial-inl.h"
#include "atlas/targets/cpu/kernels/softmax.h"
#include "atlas/targets/cpu/kernels/vmath-inl.h"

HWY_BEFORE_NAMESPACE();
namespace atlas::cpu {
namespace HWY_NAMESPACE {

using D = hn::ScalableTag<float>;
using V = hn::Vec<D>;

constexpr size_t lanes = hn::MaxLanes(D());

/// The greatest element of each lane.
HWY_INLINE V greatest(D d, const float* x, size_t n) {
  const V lowest = hn::Set(d, -std::numeric_limits<float>::infinity());
  V top = lowest, other = lowest;
  size_t i = 0;
  for (; i + 2 * lanes <= n; i += 2 * lanes) {
    top = max_keeping_nan(top, hn::LoadU(d, x + i));
    other = max_keeping_nan(other, hn::LoadU(d, x + i + lanes));
  }
  for (; i + lanes <= n; i += lanes) top = max_keeping_nan(top, hn::LoadU(d, x + i));
  if (const size_t rest = n - i)
    top = max_keeping_nan(top, hn::IfThenElse(hn::FirstN(d, rest), load_partial(d, x + i, rest), lowest));
  return hn::Max(top, other);
}

/// Sums of e^(x - shift) for each lane, and these exponentials where y is wanted. What lies `ahead` is
/// fetched meanwhile: arithmetic is the longer part here.
template <bool kStore>
HWY_INLINE V exponentials(D d, const float* x, float* y, size_t n, V shift, size_t ahead) {
  V sum = hn::Zero(d), other = hn::Zero(d);
  size_t i = 0;
  for (; i + 2 * lanes <= n; i += 2 * lanes) {
    constexpr size_t line_floats = 16;
    for (size_t line = 0; line < 2 * lanes; line += line_floats) {
      __builtin_prefetch(x + ahead + i + line);
      __builtin_prefetch(y + ahead + i + line, 1);
    }
    const V e = vexp_below_one(d, hn::Sub(hn::LoadU(d, x + i), shift));
    const V f = vexp_below_one(d, hn::Sub(hn::LoadU(d, x + i + lanes), shift));
    sum = hn::Add(sum, e);
    other = hn::Add(other, f);
    if (kStore) {
      hn::StoreU(e, d, y + i);
      hn::StoreU(f, d, y + i + lanes);
    }
  }
  for (; i + lanes <= n; i += lanes) {
    const V e = vexp_below_one(d, hn::Sub(hn::LoadU(d, x + i), shift));
    sum = hn::Add(sum, e);
    if (kStore) hn::StoreU(e, d, y + i);
  }
  if (const size_t rest = n - i) {
    const V e = vexp_below_one(d, hn::Sub(load_partial(d, x + i, rest), shift));
    sum = hn::Add(sum, hn::IfThenElseZero(hn::FirstN(d, rest), e));
    if (kStore) store_partial(e, d, y + i, rest);
  }
  return hn::Add(sum, other);
}

template <bool kLog>
void last_axis_rows(const float* x, float* y, size_t rows, size_t n) {
  const D d;
  const hn::FixedTag<float, 4> d4;
  // Four rows share the reductions over lanes, where all stay in the first cache meanwhile.
  const size_t group = n <= 2048 ? 4 : 1;
  for (size_t first = 0; first < rows; first += group, x += group * n, y += group * n) {
    const size_t count = std::min(group, rows - first);
    HWY_ALIGN float shifts[4], sums[4];
    V lines[4] = {hn::Zero(d), hn::Zero(d), hn::Zero(d), hn::Zero(d)};
    for (size_t r = 0; r < count; ++r) lines[r] = greatest(d, x + r * n, n);
    hn::Store(greatest_lanes(d, lines[0], lines[1], lines[2], lines[3]), d4, shifts);
    for (size_t r = 0; r < count; ++r)
      lines[r] = exponentials<!kLog>(d, x + r * n, y + r * n, n, hn::Set(d, shifts[r]), group * n);
    hn::Store(sums_of_lanes(d, lines[0], lines[1], lines[2], lines[3]), d4, sums);
    for (size_t r = 0; r < count; ++r) {
      const V shift = hn::Set(d, shifts[r]);
      const V last = hn::Set(d, kLog ? std::log(sums[r]) : 1.0f / sums[r]);
      const float* from = kLog ? x + r * n : y + r * n;
      float* to = y + r * n;
      const auto finish = [&](V v)
                              HWY_ATTR { return kLog ? hn::Sub(hn::Sub(v, shift), last) : hn::Mul(v, last); };
      size_t i = 0;
      for (; i + lanes <= n; i += lanes) hn::StoreU(finish(hn::LoadU(d, from + i)), d, to + i);
      if (const size_t rest = n - i) store_partial(finish(load_partial(d, from + i, rest)), d, to + i, rest);
    }
  }
}

void last_axis(const float* x, float* y, size_t rows, size_t n, bool log) {
  if (log)
    last_axis_rows<true>(x, y, rows, n);
  else
    last_axis_rows<false>(x, y, rows, n);
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
    const size_t grain = (elements_per_task / (4 * n) + 1) * 4;  // rows that go together
    pool.parallel_for(outer, grain, [&](size_t begin, size_t end) {
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
