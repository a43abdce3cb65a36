// Along the last axis in vectors with several partial results; along another, one line per lane.
#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "atlas/targets/cpu/kernels/reduce.cpp"
#include <hwy/foreach_target.h>
// After foreach_target.
#include <algorithm>
#include <limits>
#include <type_traits>

#include "atlas/targets/cpu/kernels/dispatch.h"
#include "atlas/targets/cpu/kernels/extrema-inl.h"
#include "atlas/targets/cpu/kernels/lanes-inl.h"
#include "atlas/targets/cpu/kernels/numbers-inl.h"
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

template <ReduceKind kKind, class W>
HWY_INLINE W join(W total, W x) {
  using enum ReduceKind;
  // A NaN in `total` comes through as the second operand.
  if constexpr (kKind == Max) return hn::IfThenElse(hn::IsNaN(x), x, max_keeping_nan(x, total));
  if constexpr (kKind == Min) return hn::IfThenElse(hn::IsNaN(x), x, min_keeping_nan(x, total));
  if constexpr (kKind == Product) return hn::Mul(total, x);
  return hn::Add(total, x);
}

template <ReduceKind kKind>
struct Joined {
  template <class W>
  HWY_INLINE W operator()(W total, W x) const {
    return join<kKind>(total, x);
  }
};

/// The reduction of a row by lanes.
template <ReduceKind kKind, typename T>
HWY_INLINE V reduce_row(D d, const T* x, size_t n) {
  const size_t lanes = hn::Lanes(d);
  const V empty = hn::Set(d, neutral<kKind>());
  V totals[4] = {empty, empty, empty, empty};
  size_t i = 0;
  for (; i + 4 * lanes <= n; i += 4 * lanes)
    for (size_t t = 0; t < 4; ++t)
      totals[t] = join<kKind>(totals[t], term<kKind>(load_numbers(d, x + i + t * lanes)));
  for (; i + lanes <= n; i += lanes) totals[0] = join<kKind>(totals[0], term<kKind>(load_numbers(d, x + i)));
  if (const size_t rest = n - i) {
    const V last = hn::IfThenElse(hn::FirstN(d, rest), term<kKind>(load_some_numbers(d, x + i, rest)), empty);
    totals[1] = join<kKind>(totals[1], last);
  }
  return join<kKind>(join<kKind>(totals[0], totals[1]), join<kKind>(totals[2], totals[3]));
}

/// Rows that lie one behind the other; four share the steps over lanes.
template <ReduceKind kKind, typename T>
void reduce_rows(const T* x, float* y, size_t rows, size_t n) {
  const D d;
  const hn::FixedTag<float, 4> d4;
  for (size_t first = 0; first < rows; first += 4) {
    const size_t count = std::min<size_t>(4, rows - first);
    V totals[4];
    for (size_t r = 0; r < 4; ++r)
      totals[r] = r < count ? reduce_row<kKind>(d, x + (first + r) * n, n) : hn::Zero(d);
    const auto joined = join_lanes<Joined<kKind>>(d, totals[0], totals[1], totals[2], totals[3]);
    if (count == 4)
      hn::StoreU(joined, d4, y + first);
    else
      store_partial(joined, d4, y + first, count);
  }
}

template <ReduceKind kKind, typename T>
void reduce_lines(const T* x, float* y, size_t n, size_t inner, size_t first, size_t last) {
  const D d;
  const size_t lanes = hn::Lanes(d);
  for (size_t j = first; j < last; j += lanes) {
    const size_t count = std::min(lanes, last - j);
    V total = hn::Set(d, neutral<kKind>());
    if (count == lanes) {
      for (size_t i = 0; i < n; ++i)
        total = join<kKind>(total, term<kKind>(load_numbers(d, x + i * inner + j)));
      hn::StoreU(total, d, y + j);
    } else {
      for (size_t i = 0; i < n; ++i)
        total = join<kKind>(total, term<kKind>(load_some_numbers(d, x + i * inner + j, count)));
      store_partial(total, d, y + j, count);
    }
  }
}

/// Calls work(a ReduceKind as a constant).
template <class Work>
HWY_INLINE void with_kind(ReduceKind kind, Work work) {
  using enum ReduceKind;
  switch (kind) {
    case Sum:
    case Mean:
      return work(std::integral_constant<ReduceKind, Sum>());
    case Max:
      return work(std::integral_constant<ReduceKind, Max>());
    case Min:
      return work(std::integral_constant<ReduceKind, Min>());
    case Product:
      return work(std::integral_constant<ReduceKind, Product>());
    case SumAbs:
      return work(std::integral_constant<ReduceKind, SumAbs>());
    case SumSquare:
      return work(std::integral_constant<ReduceKind, SumSquare>());
  }
}

void reduce_last_axis(ReduceKind kind, Numbers<const std::byte> x, float* y, size_t rows, size_t n) {
  with_number_type(x.rounded, [&](auto number) {
    using T = decltype(number);
    with_kind(kind, [&](auto constant) { reduce_rows<constant()>(x.as<T>(), y, rows, n); });
  });
}

/// Lines [first, last) of one outer index.
void reduce_part(ReduceKind kind, Numbers<const std::byte> x, float* y, size_t n, size_t inner, size_t first,
                 size_t last) {
  with_number_type(x.rounded, [&](auto number) {
    using T = decltype(number);
    with_kind(kind, [&](auto constant) { reduce_lines<constant()>(x.as<T>(), y, n, inner, first, last); });
  });
}

}  // namespace HWY_NAMESPACE
}  // namespace atlas::cpu
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace atlas::cpu {
HWY_EXPORT(reduce_last_axis);
HWY_EXPORT(reduce_part);

namespace {

void divide(float* values, size_t count, size_t by) {
  for (size_t i = 0; i < count; ++i) values[i] /= static_cast<float>(by);
}

}  // namespace

void reduce(ReduceKind kind, Numbers<const std::byte> x, float* y, size_t outer, size_t n, size_t inner,
            ThreadPool& pool) {
  constexpr size_t elements_per_task = 16384;
  if (inner == 1) {
    const size_t grain = (elements_per_task / (4 * n + 1) + 1) * 4;  // rows that go together
    pool.parallel_for(outer, grain, [&](size_t begin, size_t end) {
      ATLAS_DISPATCH(reduce_last_axis)(kind, x.at(begin * n), y + begin, end - begin, n);
      if (kind == ReduceKind::Mean) divide(y + begin, end - begin, n);
    });
    return;
  }
  constexpr size_t strip = 256;  // lines of one task
  const size_t strips = (inner + strip - 1) / strip;
  const size_t elements = n * std::min(inner, strip);
  pool.parallel_for(outer * strips, elements_per_task / (elements + 1) + 1, [&](size_t begin, size_t end) {
    for (size_t index = begin; index < end; ++index) {
      const size_t o = index / strips, first = index % strips * strip, last = std::min(inner, first + strip);
      float* to = y + o * inner;
      ATLAS_DISPATCH(reduce_part)(kind, x.at(o * n * inner), to, n, inner, first, last);
      if (kind == ReduceKind::Mean) divide(to + first, last - first, n);
    }
  });
}

}  // namespace atlas::cpu
#endif
