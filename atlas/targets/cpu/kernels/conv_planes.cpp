// Splitting channels into planes and back, and gathering panels from them in whole vectors.
#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "atlas/targets/cpu/kernels/conv_planes.cpp"
#include <hwy/foreach_target.h>
// After foreach_target.
#include <hwy/highway.h>

#include <algorithm>

#include "atlas/targets/cpu/kernels/conv_planes.h"
#include "atlas/targets/cpu/kernels/dispatch.h"
#include "atlas/targets/cpu/kernels/partial-inl.h"

HWY_BEFORE_NAMESPACE();
namespace atlas::cpu {
namespace HWY_NAMESPACE {

using D = hn::ScalableTag<float>;
using V = hn::Vec<D>;

/// to[i] = from[i * stride] for i < count.
HWY_INLINE void copy_strided(const float* from, size_t stride, size_t count, float* to) {
  const D d;
  const size_t lanes = hn::Lanes(d);
  size_t i = 0;
  if (stride == 1) {
    for (; i + lanes <= count; i += lanes) hn::StoreU(hn::LoadU(d, from + i), d, to + i);
    if (i < count) store_partial(load_partial(d, from + i, count - i), d, to + i, count - i);
    return;
  }
  if (stride == 2) {
    for (; i + lanes < count; i += lanes) {  // the last position's odd neighbour may lie outside
      V even, odd;
      hn::LoadInterleaved2(d, from + 2 * i, even, odd);
      hn::StoreU(even, d, to + i);
    }
  }
  for (; i < count; ++i) to[i] = from[i * stride];
}

/// The positions of plane `p` along `dim` that stand for input coordinates: i * stride + p - pad.
HWY_INLINE void inside(const ConvPlanes& planes, size_t dim, size_t p, size_t& first, size_t& last) {
  const size_t pad = planes.pad_begin[dim], stride = planes.stride[dim], bound = planes.input[dim] + pad;
  first = p >= pad ? 0 : (pad - p + stride - 1) / stride;
  last = bound > p ? (bound - p + stride - 1) / stride : 0;
  first = std::min(first, planes.extent[dim]);
  last = std::clamp(last, first, planes.extent[dim]);
}

/// Whether some position of some plane stands for no input.
bool has_padding(const ConvPlanes& planes) {
  for (size_t dim = 0; dim < 3; ++dim)
    for (size_t p = 0; p < planes.planes_used[dim]; ++p) {
      size_t first, last;
      inside(planes, dim, p, first, last);
      if (first != 0 || last != planes.extent[dim]) return true;
    }
  return false;
}

/// Calls row(position in the planes, position in the channel, count) for every row of the planes, where so
/// many elements from there on, `stride[2]` apart in the channel, belong to the row.
template <class Row>
HWY_INLINE void for_each_row(const ConvPlanes& planes, Row row) {
  size_t plane = 0, first[3], last[3];
  for (size_t p0 = 0; p0 < planes.planes_used[0]; ++p0) {
    inside(planes, 0, p0, first[0], last[0]);
    for (size_t p1 = 0; p1 < planes.planes_used[1]; ++p1) {
      inside(planes, 1, p1, first[1], last[1]);
      for (size_t p2 = 0; p2 < planes.planes_used[2]; ++p2, plane += planes.plane_size) {
        inside(planes, 2, p2, first[2], last[2]);
        if (first[2] == last[2]) continue;
        const size_t y2 = first[2] * planes.stride[2] + p2 - planes.pad_begin[2];
        for (size_t i0 = first[0]; i0 < last[0]; ++i0) {
          const size_t y0 = i0 * planes.stride[0] + p0 - planes.pad_begin[0];
          for (size_t i1 = first[1]; i1 < last[1]; ++i1) {
            const size_t y1 = i1 * planes.stride[1] + p1 - planes.pad_begin[1];
            row(plane + planes.position_offset(i0, i1, first[2]),
                (y0 * planes.input[1] + y1) * planes.input[2] + y2, last[2] - first[2]);
          }
        }
      }
    }
  }
}

void split_channel(const ConvPlanes& planes, const float* channel, float fill, float* to) {
  const D d;
  const size_t lanes = hn::Lanes(d);
  if (has_padding(planes)) {
    size_t i = 0;
    for (; i + lanes <= planes.channel_size; i += lanes) hn::StoreU(hn::Set(d, fill), d, to + i);
    for (; i < planes.channel_size; ++i) to[i] = fill;
  }
  for_each_row(planes, [&](size_t at, size_t from, size_t count)
                           HWY_ATTR { copy_strided(channel + from, planes.stride[2], count, to + at); });
}

void join_channel(const ConvPlanes& planes, const float* from, float* channel) {
  for_each_row(planes, [&](size_t at, size_t to, size_t count) HWY_ATTR {
    for (size_t i = 0; i < count; ++i) channel[to + i * planes.stride[2]] = from[at + i];
  });
}

void compact(const float* from, size_t from_stride, size_t rows, size_t count, float* to) {
  const D d;
  const size_t lanes = hn::Lanes(d);
  const float* end = to + rows * count;
  for (size_t row = 0; row < rows; ++row, from += from_stride, to += count) {
    size_t i = 0;
    for (; i < count && to + i + lanes <= end; i += lanes) hn::StoreU(hn::LoadU(d, from + i), d, to + i);
    if (i < count) store_partial(hn::LoadU(d, from + i), d, to + i, count - i);
  }
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
HWY_EXPORT(split_channel);
HWY_EXPORT(join_channel);
HWY_EXPORT(compact);
HWY_EXPORT(pack);

ConvPlanes::ConvPlanes(const ConvShape& shape)
    : stride(shape.stride), input(shape.input), pad_begin(shape.pad_begin) {
  for (size_t dim = 0; dim < 3; ++dim) {
    extent[dim] = (shape.padded(dim) + stride[dim] - 1) / stride[dim];
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

void ConvPlanes::tap_offsets(const ConvShape& shape, size_t* offsets) const {
  for (size_t t0 = 0; t0 < shape.kernel[0]; ++t0)
    for (size_t t1 = 0; t1 < shape.kernel[1]; ++t1)
      for (size_t t2 = 0; t2 < shape.kernel[2]; ++t2) *offsets++ = tap_offset(shape, t0, t1, t2);
}

void ConvPlanes::split(const float* channel, float fill, float* to) const {
  ATLAS_DISPATCH(split_channel)(*this, channel, fill, to);
}

void ConvPlanes::join(const float* from, float* channel) const {
  ATLAS_DISPATCH(join_channel)(*this, from, channel);
}

void compact_rows(const float* from, size_t from_stride, size_t rows, size_t count, float* to) {
  ATLAS_DISPATCH(compact)(from, from_stride, rows, count, to);
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
