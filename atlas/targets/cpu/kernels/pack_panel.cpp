// Rows are copied where lanes lie side by side, 4x4 blocks transposed where steps do.
#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "atlas/targets/cpu/kernels/pack_panel.cpp"
#include <hwy/foreach_target.h>
// After foreach_target.
#include <hwy/highway.h>

#include <algorithm>
#include <cstring>

#include "atlas/targets/cpu/kernels/dispatch.h"
#include "atlas/targets/cpu/kernels/pack_panel.h"
#include "atlas/targets/cpu/kernels/transpose4x4-inl.h"

HWY_BEFORE_NAMESPACE();
namespace atlas::cpu {
namespace HWY_NAMESPACE {

/// Writes dst[step * width + lane] for 4 lanes and 4 steps; lanes at or beyond `lanes` repeat the last one.
HWY_INLINE void transpose_4x4(const float* src, size_t lane_stride, size_t lanes, size_t width, float* dst) {
  const hn::FixedTag<float, 4> d;
  const auto at = [&](size_t lane)
                      HWY_ATTR { return hn::LoadU(d, src + std::min(lane, lanes - 1) * lane_stride); };
  store_transposed(d, at(0), at(1), at(2), at(3), dst, width);
}

/// Four steps of as many lanes as a vector has: block b of four is of lane 4 b.
template <class D>
HWY_INLINE hn::Vec<D> load_blocks(D d, const float* src, size_t lane_stride) {
  if constexpr (hn::MaxLanes(D()) == 4) {
    return hn::LoadU(d, src);
  } else {
    const hn::Half<D> half;
    return hn::Combine(d, load_blocks(half, src + hn::MaxLanes(half) * lane_stride, lane_stride),
                       load_blocks(half, src, lane_stride));
  }
}

void pack(const float* src, size_t lane_stride, size_t k_stride, size_t lanes, size_t k, size_t width,
          float* dst) {
  if (lane_stride == 1) {
    const hn::ScalableTag<float> d;
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
    const hn::ScalableTag<float> d;
    constexpr size_t step = hn::MaxLanes(d);
    const size_t whole = lanes - lanes % step;  // by vectors
    for (; i + 4 <= k; i += 4) {
      float* to = dst + i * width;
      for (size_t group = (lanes + 3) / 4; group-- > whole / 4;)
        transpose_4x4(src + group * 4 * lane_stride + i, lane_stride, lanes - group * 4, width,
                      to + group * 4);
      for (size_t lane = 0; lane < whole; lane += step) {
        const auto row = [&](size_t r) HWY_ATTR {
          return load_blocks(d, src + (lane + r) * lane_stride + i, lane_stride);
        };
        store_transposed(d, row(0), row(1), row(2), row(3), to + lane, width);
      }
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
HWY_EXPORT(pack);

void pack_panel(const float* src, size_t lane_stride, size_t k_stride, size_t lanes, size_t k, size_t width,
                float* dst) noexcept {
  ATLAS_DISPATCH(pack)(src, lane_stride, k_stride, lanes, k, width, dst);
}

}  // namespace atlas::cpu
#endif
