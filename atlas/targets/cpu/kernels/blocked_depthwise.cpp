// Positions whole windows of which lie inside the image go several at a time along a row, those at the border
// several along a column.
#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "atlas/targets/cpu/kernels/blocked_depthwise.cpp"
#include <hwy/foreach_target.h>
// After foreach_target.
#include <hwy/highway.h>

#include <algorithm>
#include <limits>
#include <type_traits>
#include <vector>

#include "atlas/targets/cpu/kernels/bf16_kernel.h"
#include "atlas/targets/cpu/kernels/blocked_depthwise.h"
#include "atlas/targets/cpu/kernels/blocked_tile.h"
#include "atlas/targets/cpu/kernels/ceil_div.h"
#include "atlas/targets/cpu/kernels/channel_blocks.h"
#include "atlas/targets/cpu/kernels/dispatch.h"
#include "atlas/targets/cpu/kernels/extrema-inl.h"
#include "atlas/targets/cpu/kernels/numbers-inl.h"
#include "atlas/targets/cpu/kernels/scratch.h"

HWY_BEFORE_NAMESPACE();
namespace atlas::cpu {
namespace HWY_NAMESPACE {
namespace hn = hwy::HWY_NAMESPACE;

using D = hn::CappedTag<float, channel_block>;
using V = hn::Vec<D>;
constexpr size_t lanes = hn::MaxLanes(D());
constexpr size_t vectors = channel_block / lanes;
// As many sums as registers hold beside a weight: positions times vectors.
constexpr size_t most_positions = (HWY_TARGET == HWY_AVX3 ? 14 : 12) / vectors;

/// A row of the kernel where it lies inside the image: column 0 of the image's row, and the first weight.
template <typename T>
struct KernelRow {
  const T* image;
  const float* weights;
};

/// What the positions of one block of channels have in common.
struct Block {
  const float* bias;
  float low, high;
  size_t tap_step;  // numbers in the image from a column of the kernel to the next
};

/// Results of `kCount` positions, `step` numbers apart in the image and `to_step` in the output, over the
/// columns [begin, end) of the kernel; `start`: numbers from column 0 of the image to the window of the
/// first. `kWidth`: how many columns, where the compiler is to know.
template <size_t kCount, size_t kWidth, typename T>
HWY_INLINE void sum_positions(const Block& block, const KernelRow<T>* rows, size_t row_count, size_t begin,
                              size_t end, ptrdiff_t start, size_t step, float* to, size_t to_step) {
  const D d;
  V sums[kCount][vectors];
#pragma GCC unroll 4
  for (size_t v = 0; v < vectors; ++v)
#pragma GCC unroll 14
    for (size_t i = 0; i < kCount; ++i) sums[i][v] = hn::LoadU(d, block.bias + v * lanes);
  for (size_t r = 0; r < row_count; ++r) {
    const T* from = rows[r].image + start + static_cast<ptrdiff_t>(begin * block.tap_step);
    const float* weights = rows[r].weights + begin * channel_block;
    const auto column = [&]() HWY_ATTR {
#pragma GCC unroll 4
      for (size_t v = 0; v < vectors; ++v) {
        const V weight = hn::LoadU(d, weights + v * lanes);
#pragma GCC unroll 14
        for (size_t i = 0; i < kCount; ++i)
          sums[i][v] = hn::MulAdd(load_numbers(d, from + i * step + v * lanes), weight, sums[i][v]);
      }
      from += block.tap_step;
      weights += channel_block;
    };
    if constexpr (kWidth > 0) {
#pragma GCC unroll 5
      for (size_t k = 0; k < kWidth; ++k) column();
    } else {
      for (size_t k = begin; k < end; ++k) column();
    }
  }
  const V low = hn::Set(d, block.low), high = hn::Set(d, block.high);
#pragma GCC unroll 14
  for (size_t i = 0; i < kCount; ++i)
#pragma GCC unroll 4
    for (size_t v = 0; v < vectors; ++v)
      hn::StoreU(min_keeping_nan(high, max_keeping_nan(low, sums[i][v])), d, to + i * to_step + v * lanes);
}

/// The same for any number of positions in a line, in tiles as large as there are.
template <size_t kWidth, typename T>
HWY_INLINE void sum_line(const Block& block, const KernelRow<T>* rows, size_t row_count, size_t begin,
                         size_t end, ptrdiff_t start, size_t step, size_t count, float* to, size_t to_step) {
  size_t i = 0;
  const auto tiles = [&](auto size) HWY_ATTR {
    constexpr size_t kCount = size.value;
    if constexpr (kCount <= most_positions) {
      for (; i + kCount <= count; i += kCount)
        sum_positions<kCount, kWidth>(block, rows, row_count, begin, end,
                                      start + static_cast<ptrdiff_t>(i * step), step, to + i * to_step,
                                      to_step);
    }
  };
  tiles(std::integral_constant<size_t, most_positions>());
  tiles(std::integral_constant<size_t, 8>());
  tiles(std::integral_constant<size_t, 4>());
  tiles(std::integral_constant<size_t, 2>());
  tiles(std::integral_constant<size_t, 1>());
}

/// Along one dimension, the positions [first, last) whose whole window lies inside the image.
HWY_INLINE void whole_windows(const ConvShape& shape, size_t dim, size_t count, size_t& first, size_t& last) {
  const size_t stride = shape.stride[dim], pad = shape.pad_begin[dim], reach = shape.reach(dim) - 1;
  first = std::min(count, (pad + stride - 1) / stride);
  const size_t bound = shape.input[dim] + pad;
  last = bound > reach ? std::clamp((bound - reach - 1) / stride + 1, first, count) : first;
}

/// Rows [begin, end) of one depth of the output of one block of channels. `image` is the block's image, `to`
/// the first of these rows.
template <size_t kWidth, typename T>
HWY_INLINE void sum_rows(const ConvShape& shape, const Block& block, const float* weights, const T* image,
                         size_t o0, size_t begin, size_t end, KernelRow<T>* rows, float* to) {
  const Spatial out = shape.output();
  const size_t row_floats = out[2] * channel_block;
  size_t first[3], last[3];
  whole_windows(shape, 1, out[1], first[1], last[1]);
  whole_windows(shape, 2, out[2], first[2], last[2]);
  const size_t step = shape.stride[2] * channel_block;
  const size_t line_step = shape.stride[1] * shape.input[2] * channel_block;
  // The rows of the kernel for a row of the output.
  const auto gather = [&](size_t o1) {
    size_t count = 0;
    for (size_t k = 0; k < shape.kernel[0] * shape.kernel[1]; ++k) {
      const size_t i0 = o0 * shape.stride[0] + k / shape.kernel[1] * shape.dilation[0] - shape.pad_begin[0];
      const size_t i1 = o1 * shape.stride[1] + k % shape.kernel[1] * shape.dilation[1] - shape.pad_begin[1];
      if (i0 >= shape.input[0] || i1 >= shape.input[1]) continue;
      rows[count++] = {image + (i0 * shape.input[1] + i1) * shape.input[2] * channel_block,
                       weights + k * shape.kernel[2] * channel_block};
    }
    return count;
  };
  const auto start_of = [&](size_t x) {
    return (static_cast<ptrdiff_t>(x * shape.stride[2]) - static_cast<ptrdiff_t>(shape.pad_begin[2])) *
           static_cast<ptrdiff_t>(channel_block);
  };
  // Column x of `lines` rows from o1 on, part of whose window lies beside the image.
  const auto at_border = [&](size_t x, size_t row_count, size_t o1, size_t lines) HWY_ATTR {
    const auto inside = [&](size_t k) {
      return x * shape.stride[2] + k * shape.dilation[2] - shape.pad_begin[2] < shape.input[2];
    };
    size_t from = 0;
    while (from < shape.kernel[2] && !inside(from)) ++from;
    size_t until = from;
    while (until < shape.kernel[2] && inside(until)) ++until;
    sum_line<0>(block, rows, row_count, from, until, start_of(x), line_step, lines,
                to + (o1 - begin) * row_floats + x * channel_block, row_floats);
  };
  const auto borders = [&](size_t row_count, size_t o1, size_t lines) HWY_ATTR {
    for (size_t x = 0; x < first[2]; ++x) at_border(x, row_count, o1, lines);
    for (size_t x = last[2]; x < out[2]; ++x) at_border(x, row_count, o1, lines);
  };
  // Rows that have all of the kernel's: their columns at the border together.
  const size_t whole_begin = std::clamp(first[1], begin, end), whole_end = std::clamp(last[1], begin, end);
  if (whole_begin < whole_end) borders(gather(whole_begin), whole_begin, whole_end - whole_begin);
  for (size_t o1 = begin; o1 < end; ++o1) {
    const size_t row_count = gather(o1);
    if (o1 < whole_begin || o1 >= whole_end) borders(row_count, o1, 1);
    sum_line<kWidth>(block, rows, row_count, 0, shape.kernel[2], start_of(first[2]), step, last[2] - first[2],
                     to + (o1 - begin) * row_floats + first[2] * channel_block, channel_block);
  }
}

/// Rows of one depth of one block of channels, with all that stands behind the sums; the output is f32.
void depthwise_strip(const ConvShape& shape, const DepthwiseStrip& strip, const Epilogue& epilogue) {
  Block block{.bias = strip.bias, .tap_step = shape.dilation[2] * channel_block};
  Epilogue behind = epilogue;
  if (strip.residual) {
    block.low = -std::numeric_limits<float>::infinity();
    block.high = std::numeric_limits<float>::infinity();
    behind.row_bias = nullptr;  // the sums begin with it
    behind.residual = strip.residual;
  } else {
    behind = epilogue.behind(block.low, block.high);
  }
  Scratch memory(shape.kernel[0] * shape.kernel[1] * sizeof(KernelRow<float>));
  float* to = strip.output.as<float>();
  with_number_type(strip.image.rounded, [&](auto number) {
    using T = decltype(number);
    const auto run = [&](auto width) HWY_ATTR {
      sum_rows<width.value>(shape, block, strip.weights, strip.image.as<T>(), strip.depth, strip.begin,
                            strip.end, memory.as<KernelRow<T>>(), to);
    };
    if (shape.kernel[2] == 3)
      run(std::integral_constant<size_t, 3>());
    else if (shape.kernel[2] == 5)
      run(std::integral_constant<size_t, 5>());
    else
      run(std::integral_constant<size_t, 0>());
  });
  apply(behind, to, 0, 1, (strip.end - strip.begin) * shape.output()[2] * channel_block);
}

}  // namespace HWY_NAMESPACE
}  // namespace atlas::cpu
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace atlas::cpu {
HWY_EXPORT(depthwise_strip);

void blocked_depthwise_strip(const ConvShape& shape, const DepthwiseStrip& strip, const Epilogue& epilogue) {
  if (!strip.output.rounded) return ATLAS_DISPATCH(depthwise_strip)(shape, strip, epilogue);
  const size_t count = (strip.end - strip.begin) * shape.output()[2] * channel_block;
  Scratch results(count * sizeof(float));
  DepthwiseStrip exact = strip;
  exact.output = results.as<float>();
  Epilogue near = epilogue;
  near.activation = near.activation.near();
  ATLAS_DISPATCH(depthwise_strip)(shape, exact, near);
  bf16_kernel().round(results.as<float>(), count, strip.output.as<Bf16>());
}

void blocked_depthwise(const ConvShape& shape, const float* weights, Numbers<const std::byte> input,
                       Numbers<std::byte> output, const Epilogue& epilogue, ThreadPool& pool) {
  const Spatial out = shape.output();
  const size_t blocks = ceil_div(shape.out_channels, channel_block), taps = volume(shape.kernel);
  const std::vector<float> bias = lanes_of(epilogue.row_bias, shape.out_channels);
  // Results stay in the first cache until the epilogue is through; the last tasks are small.
  constexpr size_t floats_of_task = 4096, operations_per_task = 50000;
  const size_t rows = std::clamp<size_t>(floats_of_task / (out[2] * channel_block), 1, out[1]);
  const size_t parts = ceil_div(out[1], rows);
  const size_t grain = operations_per_task / (taps * rows * out[2] * channel_block) + 1;
  pool.parallel_for(shape.batch * blocks * out[0] * parts, grain, [&](size_t begin, size_t end) {
    for (size_t task = begin; task < end; ++task) {
      const size_t part = task % parts, o0 = task / parts % out[0], image_block = task / parts / out[0];
      const size_t first = part * rows, block = image_block % blocks;
      const size_t at = ((image_block * out[0] + o0) * out[1] + first) * out[2] * channel_block;
      const DepthwiseStrip strip{.image = input.at(image_block * volume(shape.input) * channel_block),
                                 .weights = weights + block * taps * channel_block,
                                 .bias = bias.data() + block * channel_block,
                                 .residual = epilogue.residual ? epilogue.residual + at : nullptr,
                                 .depth = o0,
                                 .begin = first,
                                 .end = std::min(first + rows, out[1]),
                                 .output = output.at(at)};
      blocked_depthwise_strip(shape, strip, epilogue);
    }
  });
}

}  // namespace atlas::cpu
#endif
