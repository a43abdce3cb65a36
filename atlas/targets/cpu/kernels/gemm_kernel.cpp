// Tiles held wholly in vector registers; panels packed by copying rows or transposing 4x4 blocks.
#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "atlas/targets/cpu/kernels/gemm_kernel.cpp"
#include <hwy/foreach_target.h>
// After foreach_target.
#include <hwy/highway.h>

#include <algorithm>
#include <cstring>
#include <utility>

#include "atlas/targets/cpu/kernels/dispatch.h"
#include "atlas/targets/cpu/kernels/gemm_kernel.h"
#include "atlas/targets/cpu/kernels/transpose4x4-inl.h"

HWY_BEFORE_NAMESPACE();
namespace atlas::cpu {
namespace HWY_NAMESPACE {

using D = hn::ScalableTag<float>;
using V = hn::Vec<D>;

#if HWY_TARGET == HWY_AVX3
constexpr size_t max_rows = 14;  // 28 accumulators, 2 vectors of B, 1 of A: 31 of 32 registers
#elif HWY_TARGET == HWY_NEON
constexpr size_t max_rows = 12;
#else
constexpr size_t max_rows = 6;  // 12 accumulators of 16 registers
#endif

/// Few rows leave the multipliers waiting for their own results; several sums per element keep them fed.
constexpr size_t sums_for(size_t rows) {
  return rows <= 2 ? 4 : rows <= GemmKernel::few_rows ? 2 : 1;
}

template <size_t kRows, size_t kVectors, size_t kSums = sums_for(kRows)>
void tile(size_t k, const float* HWY_RESTRICT a, const float* HWY_RESTRICT b, size_t b_stride,
          float* HWY_RESTRICT c, size_t c_stride, float alpha, float beta) noexcept {
  const D d;
  constexpr size_t lanes = hn::MaxLanes(d);
  V sum[kSums][kRows][kVectors];
#pragma GCC unroll 4
  for (size_t s = 0; s < kSums; ++s)
#pragma GCC unroll 14
    for (size_t r = 0; r < kRows; ++r)
#pragma GCC unroll 2
      for (size_t v = 0; v < kVectors; ++v) sum[s][r][v] = hn::Zero(d);

  size_t step = 0;
  for (; step + kSums <= k; step += kSums) {
#pragma GCC unroll 4
    for (size_t s = 0; s < kSums; ++s) {
      V column[kVectors];
#pragma GCC unroll 2
      for (size_t v = 0; v < kVectors; ++v) column[v] = hn::LoadU(d, b + v * lanes);
#pragma GCC unroll 14
      for (size_t r = 0; r < kRows; ++r) {
        const V row = hn::Set(d, a[r]);
#pragma GCC unroll 2
        for (size_t v = 0; v < kVectors; ++v) sum[s][r][v] = hn::MulAdd(row, column[v], sum[s][r][v]);
      }
      a += kRows;
      b += b_stride;
    }
  }
  if constexpr (kSums > 1) {
    for (; step < k; ++step) {
#pragma GCC unroll 2
      for (size_t v = 0; v < kVectors; ++v) {
        const V column = hn::LoadU(d, b + v * lanes);
#pragma GCC unroll 4
        for (size_t r = 0; r < kRows; ++r) sum[0][r][v] = hn::MulAdd(hn::Set(d, a[r]), column, sum[0][r][v]);
      }
      a += kRows;
      b += b_stride;
    }
#pragma GCC unroll 4
    for (size_t s = 1; s < kSums; ++s)
#pragma GCC unroll 4
      for (size_t r = 0; r < kRows; ++r)
#pragma GCC unroll 2
        for (size_t v = 0; v < kVectors; ++v) sum[0][r][v] = hn::Add(sum[0][r][v], sum[s][r][v]);
  }

  const V scale = hn::Set(d, alpha), keep = hn::Set(d, beta);
#pragma GCC unroll 14
  for (size_t r = 0; r < kRows; ++r) {
#pragma GCC unroll 2
    for (size_t v = 0; v < kVectors; ++v) {
      float* to = c + r * c_stride + v * lanes;
      V result = hn::Mul(sum[0][r][v], scale);
      if (beta != 0) result = hn::MulAdd(hn::LoadU(d, to), keep, result);
      hn::StoreU(result, d, to);
    }
  }
}

template <size_t... kIndices, size_t... kFew>
GemmKernel make_kernel(std::index_sequence<kIndices...>, std::index_sequence<kFew...>) {
  GemmKernel kernel{max_rows, hn::MaxLanes(D()), 256, {}, {}};
  ((kernel.tile[kIndices][0] = tile<kIndices + 1, 1>, kernel.tile[kIndices][1] = tile<kIndices + 1, 2>), ...);
  ((kernel.rest_tile[kFew][0] = tile<kFew + 1, 1, 1>, kernel.rest_tile[kFew][1] = tile<kFew + 1, 2, 1>), ...);
  return kernel;
}

const GemmKernel& get_kernel() {
  static const GemmKernel kernel =
      make_kernel(std::make_index_sequence<max_rows>(), std::make_index_sequence<GemmKernel::few_rows>());
  return kernel;
}

/// Writes dst[step * width + lane] for 4 lanes and 4 steps; lanes at or beyond `lanes` repeat the last one.
HWY_INLINE void transpose_4x4(const float* src, size_t lane_stride, size_t lanes, size_t width, float* dst) {
  const hn::FixedTag<float, 4> d;
  const auto at = [&](size_t lane)
                      HWY_ATTR { return hn::LoadU(d, src + std::min(lane, lanes - 1) * lane_stride); };
  store_transposed(at(0), at(1), at(2), at(3), dst, width);
}

void pack(const float* src, size_t lane_stride, size_t k_stride, size_t lanes, size_t k, size_t width,
          float* dst) {
  if (lane_stride == 1) {
    const D d;
    constexpr size_t step = hn::MaxLanes(d);
    for (size_t i = 0; i < k; ++i, src += k_stride, dst += width) {
      size_t lane = 0;
      for (; lane + step <= lanes; lane += step) hn::StoreU(hn::LoadU(d, src + lane), d, dst + lane);
      std::memcpy(dst + lane, src + lane, (lanes - lane) * sizeof(float));
      std::fill(dst + lanes, dst + width, 0.0f);
    }
    return;
  }
  size_t i = 0;
  if (k_stride == 1) {
    // Whole groups of four steps. The last group of lanes writes beyond its own where lanes % 4 != 0; going
    // from the last group to the first, what it spoils of the next step is written after it.
    for (; i + 4 <= k; i += 4) {
      float* to = dst + i * width;
      for (size_t group = (lanes + 3) / 4; group-- > 0;)
        transpose_4x4(src + group * 4 * lane_stride + i, lane_stride, lanes - group * 4, width,
                      to + group * 4);
      if (width > lanes)
        for (size_t s = 0; s < 4; ++s) std::fill(to + s * width + lanes, to + (s + 1) * width, 0.0f);
    }
  }
  for (; i < k; ++i) {
    for (size_t lane = 0; lane < lanes; ++lane)
      dst[i * width + lane] = src[lane * lane_stride + i * k_stride];
    std::fill(dst + i * width + lanes, dst + (i + 1) * width, 0.0f);
  }
}

}  // namespace HWY_NAMESPACE
}  // namespace atlas::cpu
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace atlas::cpu {
HWY_EXPORT(get_kernel);
HWY_EXPORT(pack);

const GemmKernel& gemm_kernel() {
  return ATLAS_DISPATCH(get_kernel)();
}

void pack_panel(const float* src, size_t lane_stride, size_t k_stride, size_t lanes, size_t k, size_t width,
                float* dst) noexcept {
  ATLAS_DISPATCH(pack)(src, lane_stride, k_stride, lanes, k, width, dst);
}

}  // namespace atlas::cpu
#endif
