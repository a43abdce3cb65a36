// Rows of the output: positions whose whole window lies inside the image go several at a time.
#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "atlas/targets/cpu/kernels/blocked_depthwise.cpp"
#include <hwy/foreach_target.h>
// After foreach_target.
#include <hwy/highway.h>

#include <algorithm>

#include "atlas/targets/cpu/kernels/blocked_depthwise.h"
#include "atlas/targets/cpu/kernels/blocked_tile.h"
#include "atlas/targets/cpu/kernels/dispatch.h"
#include "atlas/targets/cpu/kernels/scratch.h"

HWY_BEFORE_NAMESPACE();
namespace atlas::cpu {
namespace HWY_NAMESPACE {
namespace hn = hwy::HWY_NAMESPACE;

using D = hn::CappedTag<float, channel_block>;
using V = hn::Vec<D>;
constexpr size_t lanes = hn::MaxLanes(D());
constexpr size_t vectors = channel_block / lanes;
constexpr size_t positions_at_once = vectors >= 4 ? 2 : 8 / vectors;

/// The taps of a row of outputs that lie inside the image along depth and height: floats from the column
/// that the window begins with, and weights.
struct RowTap {
  const float* row;      // column 0 of the image
  const float* weights;  // of the first tap of this row of the kernel
};

/// sums of `kCount` positions, `pixel_step` floats apart in the image, over the columns [begin, end) of the
/// kernel.
template <size_t kCount>
HWY_INLINE void sum_positions(const RowTap* taps, size_t tap_count, size_t begin, size_t end, ptrdiff_t start,
                              size_t pixel_step, size_t tap_step, const float* bias, float* to) {
  const D d;
  V sums[kCount][vectors];
#pragma GCC unroll 4
  for (size_t v = 0; v < vectors; ++v)
#pragma GCC unroll 8
    for (size_t i = 0; i < kCount; ++i) sums[i][v] = hn::LoadU(d, bias + v * lanes);
  for (size_t t = 0; t < tap_count; ++t) {
    const float* from = taps[t].row + start + static_cast<ptrdiff_t>(begin * tap_step);
    const float* weights = taps[t].weights + begin * channel_block;
    for (size_t k = begin; k < end; ++k, from += tap_step, weights += channel_block) {
#pragma GCC unroll 4
      for (size_t v = 0; v < vectors; ++v) {
        const V weight = hn::LoadU(d, weights + v * lanes);
#pragma GCC unroll 8
        for (size_t i = 0; i < kCount; ++i)
          sums[i][v] = hn::MulAdd(hn::LoadU(d, from + i * pixel_step + v * lanes), weight, sums[i][v]);
      }
    }
  }
#pragma GCC unroll 8
  for (size_t i = 0; i < kCount; ++i)
#pragma GCC unroll 4
    for (size_t v = 0; v < vectors; ++v) hn::StoreU(sums[i][v], d, to + i * channel_block + v * lanes);
}

/// One row of outputs of one block of channels.
void sum_row(const ConvShape& shape, const RowTap* taps, size_t tap_count, const float* bias, size_t count,
             float* to) {
  const size_t stride = shape.stride[2], dilation = shape.dilation[2], pad = shape.pad_begin[2];
  const size_t kernel = shape.kernel[2], width = shape.input[2];
  const size_t pixel_step = stride * channel_block, tap_step = dilation * channel_block;
  // Positions [first, last) have all columns of the kernel inside.
  const size_t first = std::min(count, (pad + stride - 1) / stride);
  const size_t reach = (kernel - 1) * dilation;
  const size_t last =
      width + pad > reach ? std::clamp((width + pad - reach - 1) / stride + 1, first, count) : first;
  const auto start_of = [&](size_t x) {
    return (static_cast<ptrdiff_t>(x * stride) - static_cast<ptrdiff_t>(pad)) *
           static_cast<ptrdiff_t>(channel_block);
  };
  const auto at_border = [&](size_t x) HWY_ATTR {
    size_t begin = 0, end = 0;  // the columns of the kernel that are inside
    for (size_t k = kernel; k-- > 0;)
      if (x * stride + k * dilation - pad < width) begin = k;
    for (size_t k = 0; k < kernel; ++k)
      if (x * stride + k * dilation - pad < width) end = k + 1;
    sum_positions<1>(taps, tap_count, begin, end, start_of(x), pixel_step, tap_step, bias,
                     to + x * channel_block);
  };
  for (size_t x = 0; x < first; ++x) at_border(x);
  size_t x = first;
  for (; x + positions_at_once <= last; x += positions_at_once)
    sum_positions<positions_at_once>(taps, tap_count, 0, kernel, start_of(x), pixel_step, tap_step, bias,
                                     to + x * channel_block);
  for (; x + 2 <= last; x += 2)
    sum_positions<2>(taps, tap_count, 0, kernel, start_of(x), pixel_step, tap_step, bias,
                     to + x * channel_block);
  for (; x < last; ++x)
    sum_positions<1>(taps, tap_count, 0, kernel, start_of(x), pixel_step, tap_step, bias,
                     to + x * channel_block);
  for (; x < count; ++x) at_border(x);
}

void depthwise_rows(const ConvShape& shape, const float* weights, const float* bias, const float* input,
                    float* output, const Epilogue& epilogue, size_t begin, size_t end) {
  const Spatial out = shape.output();
  const size_t plane = volume(shape.input) * channel_block, out_plane = volume(out) * channel_block;
  const size_t rows = out[0] * out[1], row_floats = out[2] * channel_block;
  const size_t blocks = (shape.out_channels + channel_block - 1) / channel_block;
  const size_t kernel_rows = shape.kernel[0] * shape.kernel[1];
  Epilogue own = epilogue;
  own.row_bias = nullptr;  // the sums begin with it
  Scratch memory(kernel_rows * sizeof(RowTap));
  RowTap* taps = memory.as<RowTap>();
  for (size_t task = begin; task < end; ++task) {
    const size_t image_block = task / rows, o0 = task % rows / out[1], o1 = task % rows % out[1];
    const size_t block = image_block % blocks;
    const float* own_weights = weights + block * volume(shape.kernel) * channel_block;
    size_t tap_count = 0;
    for (size_t k = 0; k < kernel_rows; ++k) {
      const size_t i0 = o0 * shape.stride[0] + k / shape.kernel[1] * shape.dilation[0] - shape.pad_begin[0];
      const size_t i1 = o1 * shape.stride[1] + k % shape.kernel[1] * shape.dilation[1] - shape.pad_begin[1];
      if (i0 >= shape.input[0] || i1 >= shape.input[1]) continue;
      taps[tap_count++] = {
          input + image_block * plane + (i0 * shape.input[1] + i1) * shape.input[2] * channel_block,
          own_weights + k * shape.kernel[2] * channel_block};
    }
    const size_t at = image_block * out_plane + task % rows * row_floats;
    sum_row(shape, taps, tap_count, bias + block * channel_block, out[2], output + at);
    if (epilogue.residual) own.residual = epilogue.residual + at;
    apply(own, output + at, 0, 1, row_floats);
  }
}

}  // namespace HWY_NAMESPACE
}  // namespace atlas::cpu
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace atlas::cpu {
HWY_EXPORT(depthwise_rows);

void blocked_depthwise(const ConvShape& shape, const float* weights, const float* bias, const float* input,
                       float* output, const Epilogue& epilogue, ThreadPool& pool) {
  const Spatial out = shape.output();
  const size_t blocks = (shape.out_channels + channel_block - 1) / channel_block;
  constexpr size_t operations_per_task = 50000;
  const size_t grain = operations_per_task / (volume(shape.kernel) * out[2] * channel_block) + 1;
  pool.parallel_for(shape.batch * blocks * out[0] * out[1], grain, [&](size_t begin, size_t end) {
    ATLAS_DISPATCH(depthwise_rows)(shape, weights, bias, input, output, epilogue, begin, end);
  });
}

}  // namespace atlas::cpu
#endif
