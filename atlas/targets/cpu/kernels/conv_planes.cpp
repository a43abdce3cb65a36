// Splitting channels into planes, and gathering panels from them in whole vectors.
#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "atlas/targets/cpu/kernels/conv_planes.cpp"
#include <hwy/foreach_target.h>
// After foreach_target.
#include <hwy/highway.h>

#include <algorithm>

#include "atlas/targets/cpu/kernels/conv_planes.h"
#include "atlas/targets/cpu/kernels/dispatch.h"

HWY_BEFORE_NAMESPACE();
namespace atlas::cpu {
namespace HWY_NAMESPACE {
namespace hn = hwy::HWY_NAMESPACE;

/// to[i] = from[i * stride]
void copy_strided(const float* from, size_t stride, size_t count, float* to) {
  const hn::ScalableTag<float> d;
  const size_t lanes = hn::Lanes(d);
  size_t i = 0;
  if (stride == 1) {
    for (; i + lanes <= count; i += lanes) hn::StoreU(hn::LoadU(d, from + i), d, to + i);
  } else if (stride == 2) {
    for (; i + lanes < count; i += lanes) {  // the last position's odd neighbour may lie outside
      hn::Vec<decltype(d)> even, odd;
      hn::LoadInterleaved2(d, from + 2 * i, even, odd);
      hn::StoreU(even, d, to + i);
    }
  }
  for (; i < count; ++i) to[i] = from[i * stride];
}

void pack(const PlaneRun* runs, size_t run_count, const float* planes, const size_t* taps, size_t k,
          size_t columns, size_t width, float* dst) {
  const hn::ScalableTag<float> d;
  const size_t lanes = hn::Lanes(d);
  // Whole vectors overrun the end of a run; the next run, then the fill, then the next tap overwrite that.
  for (size_t tap = 0; tap < k; ++tap, dst += width) {
    const float* from = planes + taps[tap];
    float* to = dst;
    for (size_t r = 0; r < run_count; ++r) {
      const float* run = from + runs[r].from;
      for (size_t i = 0; i < runs[r].count; i += lanes) hn::StoreU(hn::LoadU(d, run + i), d, to + i);
      to += runs[r].count;
    }
    for (size_t i = columns; i < width; ++i) dst[i] = 0;
  }
}

}  // namespace HWY_NAMESPACE
}  // namespace atlas::cpu
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace atlas::cpu {
HWY_EXPORT(copy_strided);
HWY_EXPORT(pack);

ConvPlanes::ConvPlanes(const ConvShape& shape)
    : stride(shape.stride), input(shape.input), pad_begin(shape.pad_begin) {
  for (size_t dim = 0; dim < 3; ++dim) {
    extent[dim] = (shape.padded(dim) + stride[dim] - 1) / stride[dim];
    // Taps reach remainders 0, dilation % stride, ...: with one tap only the first, else up to any.
    planes_used[dim] = shape.kernel[dim] == 1 ? 1 : stride[dim];
  }
  plane_size = volume(extent);
  channel_size = plane_size * volume(planes_used);
}

size_t ConvPlanes::tap_offset(const ConvShape& shape, size_t t0, size_t t1, size_t t2) const {
  const size_t at[3] = {t0 * shape.dilation[0], t1 * shape.dilation[1], t2 * shape.dilation[2]};
  const size_t plane =
      (at[0] % stride[0] * planes_used[1] + at[1] % stride[1]) * planes_used[2] + at[2] % stride[2];
  return plane * plane_size + position_offset(at[0] / stride[0], at[1] / stride[1], at[2] / stride[2]);
}

void ConvPlanes::split(const float* channel, float* to) const {
  const auto copy = ATLAS_DISPATCH(copy_strided);
  // Position i of remainder p stands for the input coordinate i * stride + p - pad.
  const auto inside = [this](size_t dim, size_t p) {
    const size_t first = p >= pad_begin[dim] ? 0 : (pad_begin[dim] - p + stride[dim] - 1) / stride[dim];
    const size_t bound = input[dim] + pad_begin[dim];
    const size_t last = bound > p ? (bound - p + stride[dim] - 1) / stride[dim] : 0;
    return std::pair{first, std::max(first, std::min(last, extent[dim]))};
  };
  for (size_t p0 = 0; p0 < planes_used[0]; ++p0) {
    const auto [first0, last0] = inside(0, p0);
    for (size_t p1 = 0; p1 < planes_used[1]; ++p1) {
      const auto [first1, last1] = inside(1, p1);
      for (size_t p2 = 0; p2 < planes_used[2]; ++p2) {
        const auto [first2, last2] = inside(2, p2);
        for (size_t i0 = 0; i0 < extent[0]; ++i0) {
          for (size_t i1 = 0; i1 < extent[1]; ++i1, to += extent[2]) {
            if (i0 < first0 || i0 >= last0 || i1 < first1 || i1 >= last1 || first2 >= last2) {
              std::fill(to, to + extent[2], 0.0f);
              continue;
            }
            const size_t y0 = i0 * stride[0] + p0 - pad_begin[0], y1 = i1 * stride[1] + p1 - pad_begin[1];
            const float* row = channel + (y0 * input[1] + y1) * input[2];
            std::fill(to, to + first2, 0.0f);
            copy(row + first2 * stride[2] + p2 - pad_begin[2], stride[2], last2 - first2, to + first2);
            std::fill(to + last2, to + extent[2], 0.0f);
          }
        }
      }
    }
  }
}

void pack_taps(const ConvPlanes& layout, const Spatial& output, const float* planes, const size_t* taps,
               size_t k, size_t first, size_t columns, size_t width, float* dst) {
  constexpr size_t widest = 64;
  PlaneRun runs[widest];
  size_t count = 0;
  for (size_t column = 0; column < columns;) {
    const size_t position = first + column, row = position / output[2], o2 = position % output[2];
    const size_t run = std::min(output[2] - o2, columns - column);
    runs[count++] = {layout.position_offset(row / output[1], row % output[1], o2), run};
    column += run;
  }
  ATLAS_DISPATCH(pack)(runs, count, planes, taps, k, columns, width, dst);
}

}  // namespace atlas::cpu
#endif
