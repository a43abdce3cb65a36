// Pixels are broadcast, weights are vectors of output channels; sums stay in registers for all of k.
#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "atlas/targets/cpu/kernels/blocked_tile.cpp"
#include <hwy/foreach_target.h>
// After foreach_target.
#include <hwy/highway.h>

#include <utility>

#include "atlas/targets/cpu/kernels/blocked_tile.h"
#include "atlas/targets/cpu/kernels/dispatch.h"
#include "atlas/targets/cpu/kernels/extrema-inl.h"

HWY_BEFORE_NAMESPACE();
namespace atlas::cpu {
namespace HWY_NAMESPACE {
namespace hn = hwy::HWY_NAMESPACE;

using D = hn::ScalableTag<float>;
using V = hn::Vec<D>;

#if HWY_TARGET == HWY_AVX3
constexpr size_t max_rows = 14;  // 28 sums, 2 vectors of weights, 1 of a pixel: 31 of 32 registers
#elif HWY_TARGET == HWY_NEON
constexpr size_t max_rows = 12;
#else
constexpr size_t max_rows = 6;  // 12 sums of 16 registers
#endif
constexpr size_t lanes = hn::MaxLanes(D());

template <size_t kRows, size_t kVectors, size_t kSums, bool kDense>
void blocked_tile(const BlockedTile& t) {
  const D d;
  V sum[kSums][kRows][kVectors];
#pragma GCC unroll 2
  for (size_t v = 0; v < kVectors; ++v) {
    const V bias = hn::LoadU(d, t.bias + v * lanes);
#pragma GCC unroll 14
    for (size_t r = 0; r < kRows; ++r) {
      sum[0][r][v] = bias;
#pragma GCC unroll 4
      for (size_t s = 1; s < kSums; ++s) sum[s][r][v] = hn::Zero(d);
    }
  }
  // The lines of the result come from memory while the sums are made.
#pragma GCC unroll 2
  for (size_t v = 0; v < kVectors; ++v) {
    const size_t lane = t.first_lane + v * lanes;
    const size_t at = lane / channel_block * t.output_stride + lane % channel_block;
    for (size_t r = 0; r < kRows; ++r) {
      __builtin_prefetch(t.output + at + r * t.output_pitch);
      if (t.residual) __builtin_prefetch(t.residual + at + r * t.residual_pitch);
    }
  }
  const float* HWY_RESTRICT weights = t.weights;
  const float* input = t.input;
  const float* next = t.next;
  const size_t next_lines = next ? t.next_lines : 0;
  for (size_t block = 0; block < t.blocks; ++block, input += t.block_stride) {
    const size_t channels = block + 1 == t.blocks ? t.last_channels : t.block_channels;
    const int32_t* offset = t.offsets;
    for (size_t tap = 0; tap < t.taps; ++tap, offset += kRows) {
      const float* row[kRows];
#pragma GCC unroll 14
      for (size_t r = 0; r < kRows; ++r) {
        if constexpr (kDense)
          row[r] = input + r * channel_block;
        else
          row[r] = offset[r] < 0 ? t.zeros : input + offset[r];
      }
      const auto step = [&](size_t c, size_t s) HWY_ATTR {
        V column[kVectors];
#pragma GCC unroll 2
        for (size_t v = 0; v < kVectors; ++v) column[v] = hn::LoadU(d, weights + v * lanes);
        weights += kVectors * lanes;
#pragma GCC unroll 14
        for (size_t r = 0; r < kRows; ++r) {
          const V pixel = hn::Set(d, row[r][c]);
#pragma GCC unroll 2
          for (size_t v = 0; v < kVectors; ++v) sum[s][r][v] = hn::MulAdd(pixel, column[v], sum[s][r][v]);
        }
      };
      size_t c = 0;
      for (; c + 4 <= channels; c += 4) {
        step(c, 0);
        step(c + 1, 1 % kSums);
        step(c + 2, 2 % kSums);
        step(c + 3, 3 % kSums);
        for (size_t line = 0; line < next_lines; ++line, next += channel_block)
          __builtin_prefetch(next, 0, 2);  // into the second cache
      }
      for (; c < channels; ++c) step(c, 0);
    }
  }
  const V low = hn::Set(d, t.low), high = hn::Set(d, t.high);
#pragma GCC unroll 2
  for (size_t v = 0; v < kVectors; ++v) {
    const size_t lane = t.first_lane + v * lanes;
    const size_t at = lane / channel_block * t.output_stride + lane % channel_block;
#pragma GCC unroll 14
    for (size_t r = 0; r < kRows; ++r) {
      V y = sum[0][r][v];
#pragma GCC unroll 4
      for (size_t s = 1; s < kSums; ++s) y = hn::Add(y, sum[s][r][v]);
      if (t.residual) y = hn::Add(y, hn::LoadU(d, t.residual + at + r * t.residual_pitch));
      y = min_keeping_nan(high, max_keeping_nan(low, y));
      hn::StoreU(y, d, t.output + at + r * t.output_pitch);
    }
  }
}

template <size_t... kIndices, size_t... kFew>
BlockedKernel make_blocked_kernel(std::index_sequence<kIndices...>, std::index_sequence<kFew...>) {
  BlockedKernel kernel{max_rows, lanes, {}, {}, {}};
  ((kernel.tile[kIndices][0] = blocked_tile<kIndices + 1, 1, 1, false>,
    kernel.tile[kIndices][1] = blocked_tile<kIndices + 1, 2, 1, false>,
    kernel.dense_tile[kIndices][0] = blocked_tile<kIndices + 1, 1, 1, true>,
    kernel.dense_tile[kIndices][1] = blocked_tile<kIndices + 1, 2, 1, true>),
   ...);
  ((kernel.few_tile[kFew][0] = blocked_tile < kFew + 1, 1, kFew < 2 ? 4 : 2, false >,
    kernel.few_tile[kFew][1] = blocked_tile < kFew + 1, 2, kFew < 2 ? 4 : 2, false >),
   ...);
  return kernel;
}

const BlockedKernel& get_blocked_kernel() {
  static const BlockedKernel kernel = make_blocked_kernel(
      std::make_index_sequence<max_rows>(), std::make_index_sequence<BlockedKernel::few_rows>());
  return kernel;
}

}  // namespace HWY_NAMESPACE
}  // namespace atlas::cpu
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace atlas::cpu {
HWY_EXPORT(get_blocked_kernel);

const BlockedKernel& blocked_kernel() {
  return ATLAS_DISPATCH(get_blocked_kernel)();
}

}  // namespace atlas::cpu
#endif
