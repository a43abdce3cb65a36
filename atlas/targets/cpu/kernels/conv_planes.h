// A channel padded and split by stride, so that every tap of a window reads it with stride 1.
#pragma once

#include <cstddef>

#include "atlas/targets/cpu/kernels/conv_shape.h"

namespace atlas::cpu {

/// The padded channel is split into stride[0] * stride[1] * stride[2] planes: plane (p0, p1, p2) holds the
/// positions whose coordinates leave these remainders on division by the stride. Then the output position o
/// reads tap t at plane(t * dilation % stride), position o + t * dilation / stride: of all output positions
/// in a row, one contiguous run.
struct ConvPlanes {
  explicit ConvPlanes(const ConvShape& shape);

  Spatial extent;       // positions of a plane
  size_t plane_size;    // their product
  size_t channel_size;  // floats of a channel: all planes
  Spatial stride;
  Spatial input;
  Spatial pad_begin;
  Spatial planes_used;  // in each dimension; with one tap only the first

  /// Where tap (t0, t1, t2) of output position 0 lies within a channel.
  size_t tap_offset(const ConvShape& shape, size_t t0, size_t t1, size_t t2) const;
  /// From there, where the output position (o0, o1, o2) lies.
  size_t position_offset(size_t o0, size_t o1, size_t o2) const {
    return (o0 * extent[1] + o1) * extent[2] + o2;
  }

  /// Writes all tap offsets of one channel, last dimension fastest.
  void tap_offsets(const ConvShape& shape, size_t* offsets) const;

  /// Writes the planes of one channel to `to` (channel_size floats), with `fill` as the padding.
  void split(const float* channel, float fill, float* to) const;

  /// The inverse: writes the channel whose planes are at `from`, without the padding.
  void join(const float* from, float* channel) const;
};

/// Floats beyond the last channel that reads in whole vectors may touch.
constexpr size_t plane_slack = 32;

/// Output positions whose taps lie side by side: the offset of the first, and how many.
struct PlaneRun {
  size_t from, count;
};

/// Packs the panel of `columns` (at most `width`) output positions that begins at `first`, for `k` taps with
/// the offsets `taps` into `planes`: dst[tap * width + column], zero from `columns` to `width`. Writes up to
/// plane_slack floats behind dst[k * width].
void pack_taps(const ConvPlanes& layout, const Spatial& output, const float* planes, const size_t* taps,
               size_t k, size_t first, size_t columns, size_t width, float* dst);

/// Copies `rows` rows of `count` floats: to[row * count + i] = from[row * from_stride + i]. Reads in whole
/// vectors, up to plane_slack floats behind the last row.
void compact_rows(const float* from, size_t from_stride, size_t rows, size_t count, float* to);

}  // namespace atlas::cpu
