// Rows of the image are added up first, into a line that stays in the cache; a row of the result is made of
// it.
#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "atlas/targets/cpu/kernels/blocked_resample.cpp"
#include <hwy/foreach_target.h>
// After foreach_target.
#include <hwy/highway.h>

#include <algorithm>

#include "atlas/base/error.h"
#include "atlas/targets/cpu/kernels/blocked_resample.h"
#include "atlas/targets/cpu/kernels/blocked_tile.h"
#include "atlas/targets/cpu/kernels/dispatch.h"
#include "atlas/targets/cpu/kernels/numbers-inl.h"
#include "atlas/targets/cpu/kernels/scratch.h"

HWY_BEFORE_NAMESPACE();
namespace atlas::cpu {
namespace HWY_NAMESPACE {
namespace hn = hwy::HWY_NAMESPACE;

using D = hn::CappedTag<float, channel_block>;
using V = hn::Vec<D>;
constexpr size_t lanes = hn::MaxLanes(D());

/// The sum of `taps` vectors; those that do not count have weight 0 and are not looked at, for they may hold
/// what is no number.
template <typename T>
HWY_INLINE V weighted_sum(const T* x, size_t stride, const int32_t* positions, const float* weights,
                          size_t taps) {
  const D d;
  V sum = hn::Mul(hn::Set(d, weights[0]), load_numbers(d, x + static_cast<size_t>(positions[0]) * stride));
  for (size_t k = 1; k < taps; ++k)
    if (weights[k] != 0)
      sum = hn::MulAdd(hn::Set(d, weights[k]),
                       load_numbers(d, x + static_cast<size_t>(positions[k]) * stride), sum);
  return sum;
}

/// Rows [begin, end) of the results of all planes; `line` has room for a row of the image.
template <typename T>
void resample_rows(const ResampleTable& rows, const ResampleTable& columns, const T* x, T* y, size_t begin,
                   size_t end, float* line) {
  const D d;
  const size_t width = columns.input * channel_block;
  for (size_t task = begin; task < end; ++task) {
    const size_t row = task % rows.output * rows.taps;
    const T* plane = x + task / rows.output * rows.input * width;
    for (size_t i = 0; i < width; i += lanes)
      hn::StoreU(weighted_sum(plane + i, width, &rows.positions[row], &rows.weights[row], rows.taps), d,
                 line + i);
    T* to = y + task * columns.output * channel_block;
    for (size_t column = 0; column < columns.output; ++column, to += channel_block) {
      const size_t at = column * columns.taps;
      for (size_t i = 0; i < channel_block; i += lanes)
        store_numbers(
            weighted_sum(line + i, channel_block, &columns.positions[at], &columns.weights[at], columns.taps),
            d, to + i);
    }
  }
}

void resample_some_rows(const ResampleTable& rows, const ResampleTable& columns, Numbers<const std::byte> x,
                        Numbers<std::byte> y, size_t begin, size_t end) {
  Scratch line(columns.input * channel_block * sizeof(float));
  with_number_type(x.rounded, [&](auto number) {
    using T = decltype(number);
    resample_rows(rows, columns, x.as<T>(), y.as<T>(), begin, end, line.as<float>());
  });
}

}  // namespace HWY_NAMESPACE
}  // namespace atlas::cpu
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace atlas::cpu {
HWY_EXPORT(resample_some_rows);

void blocked_resample(const ResampleTable& rows, const ResampleTable& columns, size_t planes,
                      Numbers<const std::byte> x, Numbers<std::byte> y, ThreadPool& pool) {
  ensure(x.rounded == y.rounded, "resampling of images of two types");
  constexpr size_t numbers_per_task = 1 << 14;
  const size_t work = (columns.input * rows.taps + columns.output * columns.taps) * channel_block;
  pool.parallel_for(planes * rows.output, numbers_per_task / (work + 1) + 1, [&](size_t begin, size_t end) {
    ATLAS_DISPATCH(resample_some_rows)(rows, columns, x, y, begin, end);
  });
}

}  // namespace atlas::cpu
#endif
