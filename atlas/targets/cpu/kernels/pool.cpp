// Windows over channels split into planes: whole vectors of outputs at a time, whatever the stride.
#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "atlas/targets/cpu/kernels/pool.cpp"
#include <hwy/foreach_target.h>
// After foreach_target.
#include <hwy/highway.h>

#include <algorithm>
#include <limits>
#include <utility>
#include <vector>

#include "atlas/base/error.h"
#include "atlas/targets/cpu/kernels/conv_planes.h"
#include "atlas/targets/cpu/kernels/dispatch.h"
#include "atlas/targets/cpu/kernels/extrema-inl.h"
#include "atlas/targets/cpu/kernels/pool.h"
#include "atlas/targets/cpu/kernels/scratch.h"

HWY_BEFORE_NAMESPACE();
namespace atlas::cpu {
namespace HWY_NAMESPACE {
namespace hn = hwy::HWY_NAMESPACE;

/// results[i] = maximum or sum over taps of from[taps[tap] + i], in whole vectors from 0 up to `count`.
template <bool kMax>
void fold(const float* from, const size_t* taps, size_t k, size_t count, float* results) {
  const hn::ScalableTag<float> d;
  const size_t lanes = hn::Lanes(d);
  const auto join = [](auto total, auto x) HWY_ATTR {
    // A NaN in `total` comes through Max as its second operand.
    if constexpr (kMax) return hn::IfThenElse(hn::IsNaN(x), x, max_keeping_nan(x, total));
    return hn::Add(total, x);
  };
  const auto empty = hn::Set(d, kMax ? -std::numeric_limits<float>::infinity() : 0.0f);
  size_t i = 0;
  for (; i + 2 * lanes <= count; i += 2 * lanes) {
    auto low = empty, high = empty;
    for (size_t tap = 0; tap < k; ++tap) {
      const float* at = from + taps[tap] + i;
      low = join(low, hn::LoadU(d, at));
      high = join(high, hn::LoadU(d, at + lanes));
    }
    hn::StoreU(low, d, results + i);
    hn::StoreU(high, d, results + i + lanes);
  }
  for (; i < count; i += lanes) {
    auto total = empty;
    for (size_t tap = 0; tap < k; ++tap) total = join(total, hn::LoadU(d, from + taps[tap] + i));
    hn::StoreU(total, d, results + i);
  }
}

void fold_max(const float* from, const size_t* taps, size_t k, size_t count, float* results) {
  fold<true>(from, taps, k, count, results);
}

void fold_sum(const float* from, const size_t* taps, size_t k, size_t count, float* results) {
  fold<false>(from, taps, k, count, results);
}

}  // namespace HWY_NAMESPACE
}  // namespace atlas::cpu
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace atlas::cpu {
HWY_EXPORT(fold_max);
HWY_EXPORT(fold_sum);

namespace {

void check_sizes(const PoolShape& shape) {
  for (size_t dim = 0; dim < 3; ++dim)
    require(
        shape.output[dim] > 0 && shape.kernel[dim] > 0 && shape.stride[dim] > 0 && shape.dilation[dim] > 0,
        "pooling: expected output, kernel, stride and dilation above 0, got {}, {}, {} and {}",
        shape.output[dim], shape.kernel[dim], shape.stride[dim], shape.dilation[dim]);
}

/// Without the taps that lie in padding at every position: a window may be thousands of times as large as the
/// image.
PoolShape without_idle_taps(PoolShape shape) {
  for (size_t dim = 0; dim < 3; ++dim) {
    const size_t dilation = shape.dilation[dim], pad = shape.pad_begin[dim];
    const size_t travel = (shape.output[dim] - 1) * shape.stride[dim];
    const size_t before = pad > travel ? std::min((pad - travel) / dilation, shape.kernel[dim] - 1) : 0;
    const size_t reaching = (shape.input[dim] + pad + dilation - 1) / dilation;
    shape.kernel[dim] = std::max<size_t>(std::min(shape.kernel[dim], reaching), before + 1) - before;
    shape.pad_begin[dim] = pad - before * dilation;
    if (shape.output[dim] == 1) shape.stride[dim] = 1;  // channels are split into as many planes
  }
  return shape;
}

/// The windows as those of a convolution whose padding reaches as far as the last window does.
ConvShape as_convolution(const PoolShape& shape) {
  ConvShape conv{.input = shape.input,
                 .kernel = shape.kernel,
                 .stride = shape.stride,
                 .dilation = shape.dilation,
                 .pad_begin = shape.pad_begin};
  for (size_t dim = 0; dim < 3; ++dim) {
    const size_t reach = (shape.output[dim] - 1) * shape.stride[dim] + conv.reach(dim);
    const size_t without = conv.input[dim] + conv.pad_begin[dim];
    conv.pad_end[dim] = reach > without ? reach - without : 0;
  }
  return conv;
}

/// How many taps of the window at each output position of a dimension count.
std::vector<size_t> tap_counts(const PoolShape& shape, size_t dim, bool count_padding) {
  const size_t begin = count_padding ? 0 : shape.pad_begin[dim];
  const size_t end = shape.pad_begin[dim] + shape.input[dim] + (count_padding ? shape.pad_end[dim] : 0);
  const size_t dilation = shape.dilation[dim];
  std::vector<size_t> counts(shape.output[dim]);
  for (size_t o = 0; o < counts.size(); ++o) {
    const size_t start = o * shape.stride[dim];
    const auto taps_before = [&](size_t bound) {
      return start < bound ? std::min(shape.kernel[dim], (bound - start + dilation - 1) / dilation) : 0;
    };
    counts[o] = taps_before(end) - taps_before(begin);
  }
  return counts;
}

/// A window in two steps where that takes fewer: over whole columns of taps, whose results neighbouring
/// windows share, then along a row of them. Windows that move by one only.
struct FoldSteps {
  std::vector<size_t> columns, row;  // offsets of taps; no rows: one step over all taps
  size_t reach = 0;                  // results of the first step beyond those of a window's first column

  FoldSteps(const PoolShape& shape, std::vector<size_t> taps) : columns(std::move(taps)) {
    const size_t wide = shape.kernel[2], high = columns.size() / wide;
    if (shape.stride[2] != 1 || wide * high <= wide + high + 1) return;
    row.resize(wide);
    for (size_t i = 0; i < wide; ++i) row[i] = columns[i] - columns[0];
    for (size_t i = 0; i < high; ++i) columns[i] = columns[i * wide];
    columns.resize(high);
    reach = row.back();
  }
};

/// Folds every channel with `fold`, then calls finish(output of the channel).
template <class Fold, class Finish>
void pool_channels(const PoolShape& whole, float fill, Fold fold, const float* x, float* y, Finish finish,
                   ThreadPool& pool) {
  check_sizes(whole);
  const PoolShape shape = without_idle_taps(whole);
  const ConvShape conv = as_convolution(shape);
  const ConvPlanes planes(conv);
  const Spatial out = shape.output;
  std::vector<size_t> taps(volume(shape.kernel));
  planes.tap_offsets(conv, taps.data());
  const size_t positions = volume(out), flat = (out[1] - 1) * planes.extent[2] + out[2];
  constexpr size_t operations_per_task = 50000;
  const FoldSteps steps(shape, std::move(taps));
  const size_t per_position = steps.columns.size() + steps.row.size();
  const size_t grain = operations_per_task / (per_position * positions + planes.channel_size) + 1;
  pool.parallel_for(shape.channels, grain, [&](size_t begin, size_t end) {
    Scratch memory((planes.channel_size + 2 * flat + steps.reach + 6 * plane_slack) * sizeof(float));
    float* split = memory.as<float>();
    float* results = split + planes.channel_size + plane_slack;
    float* between = results + flat + 2 * plane_slack;
    std::fill_n(split + planes.channel_size, plane_slack, 0.0f);
    for (size_t channel = begin; channel < end; ++channel) {
      planes.split(x + channel * volume(shape.input), fill, split);
      float* to = y + channel * positions;
      for (size_t o0 = 0; o0 < out[0]; ++o0) {
        const float* from = split + planes.position_offset(o0, 0, 0);
        const bool at_once = steps.row.empty();
        fold(from, steps.columns.data(), steps.columns.size(), flat + steps.reach,
             at_once ? results : between);
        if (!at_once) fold(between, steps.row.data(), steps.row.size(), flat, results);
        compact_rows(results, planes.extent[2], out[1], out[2], to + o0 * out[1] * out[2]);
      }
      finish(to);
    }
  });
}

}  // namespace

void max_pool(const PoolShape& shape, const float* x, float* y, ThreadPool& pool) {
  pool_channels(
      shape, -std::numeric_limits<float>::infinity(), ATLAS_DISPATCH(fold_max), x, y, [](float*) {}, pool);
}

void average_pool(const PoolShape& shape, const float* x, float* y, bool count_padding, ThreadPool& pool) {
  check_sizes(shape);
  std::vector<size_t> counts[3];
  for (size_t dim = 0; dim < 3; ++dim) counts[dim] = tap_counts(shape, dim, count_padding);
  std::vector<float> scale;
  scale.reserve(volume(shape.output));
  for (const size_t c0 : counts[0])
    for (const size_t c1 : counts[1])
      for (const size_t c2 : counts[2])
        scale.push_back(c0 * c1 * c2 == 0 ? 0.0f : 1.0f / static_cast<float>(c0 * c1 * c2));
  const auto divide = [&](float* to) {
    for (size_t i = 0; i < scale.size(); ++i) to[i] *= scale[i];
  };
  pool_channels(shape, 0, ATLAS_DISPATCH(fold_sum), x, y, divide, pool);
}

}  // namespace atlas::cpu
#endif
