// Along the last axis in vectors with several partial results; along another, one line per lane.
#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "atlas/targets/cpu/kernels/reduce.cpp"
#include <hwy/foreach_target.h>
// After foreach_target.
#include <algorithm>
#include <limits>

#include "atlas/targets/cpu/kernels/dispatch.h"
#include "atlas/targets/cpu/kernels/extrema-inl.h"
#include "atlas/targets/cpu/kernels/partial-inl.h"
#include "atlas/targets/cpu/kernels/reduce.h"

HWY_BEFORE_NAMESPACE();
namespace atlas::cpu {
namespace HWY_NAMESPACE {

using D = hn::ScalableTag<float>;
using V = hn::Vec<D>;

template <ReduceKind kKind>
constexpr float neutral() {
  using enum ReduceKind;
  if constexpr (kKind == Max) return -std::numeric_limits<float>::infinity();
  if constexpr (kKind == Min) return std::numeric_limits<float>::infinity();
  if constexpr (kKind == Product) return 1;
  return 0;
}

/// What one element contributes.
template <ReduceKind kKind>
HWY_INLINE V term(V x) {
  if constexpr (kKind == ReduceKind::SumAbs) return hn::Abs(x);
  if constexpr (kKind == ReduceKind::SumSquare) return hn::Mul(x, x);
  return x;
}

template <ReduceKind kKind>
HWY_INLINE V join(V total, V x) {
  using enum ReduceKind;
  // A NaN in `total` comes through as the second operand.
  if constexpr (kKind == Max) return hn::IfThenElse(hn::IsNaN(x), x, max_keeping_nan(x, total));
  if constexpr (kKind == Min) return hn::IfThenElse(hn::IsNaN(x), x, min_keeping_nan(x, total));
  if constexpr (kKind == Product) return hn::Mul(total, x);
  return hn::Add(total, x);
}

template <ReduceKind kKind>
float reduce_row(const float* x, size_t n) {
  const D d;
  const size_t lanes = hn::Lanes(d);
  const V empty = hn::Set(d, neutral<kKind>());
  V totals[4] = {empty, empty, empty, empty};
  size_t i = 0;
  for (; i + 4 * lanes <= n; i += 4 * lanes)
    for (size_t t = 0; t < 4; ++t)
      totals[t] = join<kKind>(totals[t], term<kKind>(hn::LoadU(d, x + i + t * lanes)));
  for (; i + lanes <= n; i += lanes) totals[0] = join<kKind>(totals[0], term<kKind>(hn::LoadU(d, x + i)));
  if (const size_t rest = n - i) {
    const V last = hn::IfThenElse(hn::FirstN(d, rest), term<kKind>(load_partial(d, x + i, rest)), empty);
    totals[1] = join<kKind>(totals[1], last);
  }
  V total = join<kKind>(join<kKind>(totals[0], totals[1]), join<kKind>(totals[2], totals[3]));
  HWY_ALIGN float parts[hn::MaxLanes(D())];
  hn::Store(total, d, parts);
  const hn::FixedTag<float, 1> one;
  auto result = hn::Set(one, parts[0]);
  for (size_t lane = 1; lane < lanes; ++lane) {
    const auto part = hn::Set(one, parts[lane]);
    using enum ReduceKind;
    if constexpr (kKind == Max)
      result = hn::IfThenElse(hn::IsNaN(part), part, max_keeping_nan(part, result));
    else if constexpr (kKind == Min)
      result = hn::IfThenElse(hn::IsNaN(part), part, min_keeping_nan(part, result));
    else if constexpr (kKind == Product)
      result = hn::Mul(result, part);
    else
      result = hn::Add(result, part);
  }
  return hn::GetLane(result);
}

template <ReduceKind kKind>
void reduce_lines(const float* x, float* y, size_t n, size_t inner, size_t first, size_t last) {
  const D d;
  const size_t lanes = hn::Lanes(d);
  for (size_t j = first; j < last; j += lanes) {
    const size_t count = std::min(lanes, last - j);
    V total = hn::Set(d, neutral<kKind>());
    if (count == lanes) {
      for (size_t i = 0; i < n; ++i) total = join<kKind>(total, term<kKind>(hn::LoadU(d, x + i * inner + j)));
      hn::StoreU(total, d, y + j);
    } else {
      for (size_t i = 0; i < n; ++i)
        total = join<kKind>(total, term<kKind>(load_partial(d, x + i * inner + j, count)));
      store_partial(total, d, y + j, count);
    }
  }
}

template <ReduceKind kKind>
void reduce_kind(const float* x, float* y, size_t n, size_t inner, size_t first, size_t last) {
  if (inner == 1)
    *y = reduce_row<kKind>(x, n);
  else
    reduce_lines<kKind>(x, y, n, inner, first, last);
}

/// Lines [first, last) of one outer index.
void reduce_part(ReduceKind kind, const float* x, float* y, size_t n, size_t inner, size_t first,
                 size_t last) {
  using enum ReduceKind;
  switch (kind) {
    case Sum:
    case Mean:
      return reduce_kind<Sum>(x, y, n, inner, first, last);
    case Max:
      return reduce_kind<Max>(x, y, n, inner, first, last);
    case Min:
      return reduce_kind<Min>(x, y, n, inner, first, last);
    case Product:
      return reduce_kind<Product>(x, y, n, inner, first, last);
    case SumAbs:
      return reduce_kind<SumAbs>(x, y, n, inner, first, last);
    case SumSquare:
      return reduce_kind<SumSquare>(x, y, n, inner, first, last);
  }
}

}  // namespace HWY_NAMESPACE
}  // namespace atlas::cpu
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace atlas::cpu {
HWY_EXPORT(reduce_part);

void reduce(ReduceKind kind, const float* x, float* y, size_t outer, size_t n, size_t inner,
            ThreadPool& pool) {
  constexpr size_t elements_per_task = 16384;
  constexpr size_t strip = 256;  // lines of one task
  const size_t strips = (inner + strip - 1) / strip;
  const size_t elements = n * std::min(inner, strip);
  pool.parallel_for(outer * strips, elements_per_task / (elements + 1) + 1, [&](size_t begin, size_t end) {
    for (size_t index = begin; index < end; ++index) {
      const size_t o = index / strips, first = index % strips * strip, last = std::min(inner, first + strip);
      float* to = y + o * inner;
      ATLAS_DISPATCH(reduce_part)(kind, x + o * n * inner, to, n, inner, first, last);
      if (kind == ReduceKind::Mean)
        for (size_t j = first; j < last; ++j) to[j] /= static_cast<float>(n);
    }
  });
}

}  // namespace atlas::cpu
#endif
