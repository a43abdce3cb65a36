// Window by window: the channels of a block fill whole vectors.
#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "atlas/targets/cpu/kernels/blocked_pool.cpp"
#include <hwy/foreach_target.h>
// After foreach_target.
#include <hwy/highway.h>

#include <algorithm>
#include <limits>
#include <vector>

#include "atlas/base/error.h"
#include "atlas/targets/cpu/kernels/blocked_pool.h"
#include "atlas/targets/cpu/kernels/blocked_tile.h"
#include "atlas/targets/cpu/kernels/dispatch.h"
#include "atlas/targets/cpu/kernels/extrema-inl.h"
#include "atlas/targets/cpu/kernels/numbers-inl.h"

HWY_BEFORE_NAMESPACE();
namespace atlas::cpu {
namespace HWY_NAMESPACE {
namespace hn = hwy::HWY_NAMESPACE;

using D = hn::CappedTag<float, channel_block>;
using V = hn::Vec<D>;
constexpr size_t lanes = hn::MaxLanes(D());
constexpr size_t vectors = channel_block / lanes;

/// The taps of a window along one dimension that lie inside the image: [begin, end), and the coordinate of
/// the first; `counted` with the padding.
struct Span {
  size_t begin = 0, end = 0, counted = 0, first = 0;

  Span(const PoolShape& shape, size_t dim, size_t out) {
    const size_t start = out * shape.stride[dim], pad = shape.pad_begin[dim], step = shape.dilation[dim];
    const auto taps_before = [&](size_t bound) {
      return start < bound ? std::min(shape.kernel[dim], (bound - start + step - 1) / step) : 0;
    };
    begin = taps_before(pad);
    end = std::max(begin, taps_before(pad + shape.input[dim]));
    counted = taps_before(pad + shape.input[dim] + shape.pad_end[dim]);
    first = start + begin * step - pad;
  }
  size_t size() const { return end - begin; }
};

template <bool kMax, typename T>
HWY_INLINE void fold_window(const PoolShape& shape, const T* x, const Span (&spans)[3], float divisor, T* y) {
  const D d;
  V total[vectors];
#pragma GCC unroll 4
  for (size_t v = 0; v < vectors; ++v)
    total[v] = hn::Set(d, kMax ? -std::numeric_limits<float>::infinity() : 0.0f);
  for (size_t k0 = 0; k0 < spans[0].size(); ++k0) {
    const size_t i0 = spans[0].first + k0 * shape.dilation[0];
    for (size_t k1 = 0; k1 < spans[1].size(); ++k1) {
      const size_t i1 = spans[1].first + k1 * shape.dilation[1];
      const T* at = x + ((i0 * shape.input[1] + i1) * shape.input[2] + spans[2].first) * channel_block;
      for (size_t k2 = 0; k2 < spans[2].size(); ++k2, at += shape.dilation[2] * channel_block) {
#pragma GCC unroll 4
        for (size_t v = 0; v < vectors; ++v) {
          const V value = load_numbers(d, at + v * lanes);
          if constexpr (kMax) {  // a NaN in `total` comes through Max as its second operand
            total[v] = hn::IfThenElse(hn::IsNaN(value), value, max_keeping_nan(value, total[v]));
          } else {
            total[v] = hn::Add(total[v], value);
          }
        }
      }
    }
  }
#pragma GCC unroll 4
  for (size_t v = 0; v < vectors; ++v)
    store_numbers(kMax ? total[v] : hn::Div(total[v], hn::Set(d, divisor)), d, y + v * lanes);
}

template <bool kMax, typename T>
void fold_rows(const PoolShape& shape, const T* x, T* y, bool count_padding, size_t begin, size_t end) {
  const size_t rows = shape.output[0] * shape.output[1];
  const size_t plane = volume(shape.input) * channel_block;
  std::vector<Span> columns;
  for (size_t o = 0; o < shape.output[2]; ++o) columns.emplace_back(shape, 2, o);
  for (size_t task = begin; task < end; ++task) {
    const Span depth(shape, 0, task % rows / shape.output[1]),
        height(shape, 1, task % rows % shape.output[1]);
    const T* from = x + task / rows * plane;
    T* to = y + task * shape.output[2] * channel_block;
    for (const Span& column : columns) {
      const Span spans[3] = {depth, height, column};
      size_t count = 1;
      for (const Span& span : spans) count *= count_padding ? span.counted : span.size();
      fold_window<kMax>(shape, from, spans, static_cast<float>(std::max<size_t>(count, 1)), to);
      to += channel_block;
    }
  }
}

template <bool kMax>
void fold_number_rows(const PoolShape& shape, Numbers<const std::byte> x, Numbers<std::byte> y,
                      bool count_padding, size_t begin, size_t end) {
  with_number_type(x.rounded, [&](auto number) {
    using T = decltype(number);
    fold_rows<kMax>(shape, x.as<T>(), y.as<T>(), count_padding, begin, end);
  });
}

void pool_max_rows(const PoolShape& shape, Numbers<const std::byte> x, Numbers<std::byte> y, size_t begin,
                   size_t end) {
  fold_number_rows<true>(shape, x, y, false, begin, end);
}

void pool_average_rows(const PoolShape& shape, Numbers<const std::byte> x, Numbers<std::byte> y,
                       bool count_padding, size_t begin, size_t end) {
  fold_number_rows<false>(shape, x, y, count_padding, begin, end);
}

}  // namespace HWY_NAMESPACE
}  // namespace atlas::cpu
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace atlas::cpu {
HWY_EXPORT(pool_max_rows);
HWY_EXPORT(pool_average_rows);

namespace {

template <class Rows>
void for_rows(const PoolShape& shape, ThreadPool& pool, Rows rows) {
  for (size_t dim = 0; dim < 3; ++dim)
    require(
        shape.output[dim] > 0 && shape.kernel[dim] > 0 && shape.stride[dim] > 0 && shape.dilation[dim] > 0,
        "pooling: expected output, kernel, stride and dilation above 0, got {}, {}, {} and {}",
        shape.output[dim], shape.kernel[dim], shape.stride[dim], shape.dilation[dim]);
  constexpr size_t operations_per_task = 30000;
  const size_t taps = std::min(volume(shape.kernel), volume(shape.input));
  const size_t grain = operations_per_task / (taps * shape.output[2] * channel_block + 1) + 1;
  pool.parallel_for(shape.channels * shape.output[0] * shape.output[1], grain, rows);
}

}  // namespace

void blocked_max_pool(const PoolShape& shape, Numbers<const std::byte> x, Numbers<std::byte> y,
                      ThreadPool& pool) {
  ensure(x.rounded == y.rounded, "pooling of images of two types");
  for_rows(shape, pool, [&](size_t begin, size_t end) {
    ATLAS_DISPATCH(pool_max_rows)(shape, x, y, begin, end);
  });
}

void blocked_average_pool(const PoolShape& shape, Numbers<const std::byte> x, Numbers<std::byte> y,
                          bool count_padding, ThreadPool& pool) {
  ensure(x.rounded == y.rounded, "pooling of images of two types");
  for_rows(shape, pool, [&](size_t begin, size_t end) {
    ATLAS_DISPATCH(pool_average_rows)(shape, x, y, count_padding, begin, end);
  });
}

}  // namespace atlas::cpu
#endif
