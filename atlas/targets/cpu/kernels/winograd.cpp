// Some tiles of the image at a time: their transforms, for each panel of output channels 36 products, and
// back.
#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "atlas/targets/cpu/kernels/winograd.cpp"
#include <hwy/foreach_target.h>
// After foreach_target.
#include <hwy/highway.h>

#include <algorithm>
#include <limits>

#include "atlas/base/error.h"
#include "atlas/targets/cpu/kernels/blocked_conv.h"
#include "atlas/targets/cpu/kernels/ceil_div.h"
#include "atlas/targets/cpu/kernels/dispatch.h"
#include "atlas/targets/cpu/kernels/extrema-inl.h"
#include "atlas/targets/cpu/kernels/pack_panel.h"
#include "atlas/targets/cpu/kernels/scratch.h"
#include "atlas/targets/cpu/kernels/switch.h"
#include "atlas/targets/cpu/kernels/winograd.h"

#ifndef ATLAS_CPU_WINOGRAD_ONCE
#define ATLAS_CPU_WINOGRAD_ONCE
namespace atlas::cpu {

constexpr size_t winograd_out = 4;  // positions of a tile of the output, each way
constexpr size_t winograd_in = 6;   // and of the input
constexpr size_t winograd_points = winograd_in * winograd_in;
constexpr float winograd_p = 0.625f, winograd_q = 1.5f;  // the points are 0, +-p, +-q, infinity
// All of these are exact.
constexpr float winograd_pp = winograd_p * winograd_p, winograd_qq = winograd_q * winograd_q;

/// One tile on its way in or out.
struct WinogradTile {
  const float* from;     // in: the image of one block of channels; out: point 0 of the products
  float* to;             // in: point 0 of the transform; out: the output of one block
  size_t stride;         // floats from a point to the next
  size_t row, column;    // of the tile's first output
  size_t height, width;  // of what is read or written
  size_t pad_row, pad_column;
  const float* bias;
  const float* residual;  // where not null, laid out as the output
  float low, high;
};

}  // namespace atlas::cpu
#endif

HWY_BEFORE_NAMESPACE();
namespace atlas::cpu {
namespace HWY_NAMESPACE {
namespace hn = hwy::HWY_NAMESPACE;

using D = hn::CappedTag<float, channel_block>;
using V = hn::Vec<D>;
constexpr size_t lanes = hn::MaxLanes(D());

/// Six values at the points.
HWY_INLINE void evaluate(const V (&x)[winograd_in], V (&y)[winograd_in]) {
  const D d;
  const auto number = [&](float value) HWY_ATTR { return hn::Set(d, value); };
  const V sum = number(winograd_pp + winograd_qq), product = number(winograd_pp * winograd_qq);
  y[0] = hn::MulAdd(product, x[0], hn::NegMulAdd(sum, x[2], x[4]));
  const V even_p = hn::NegMulAdd(number(winograd_qq), x[2], x[4]);
  const V odd_p = hn::NegMulAdd(number(winograd_qq), x[1], x[3]);
  y[1] = hn::MulAdd(number(winograd_p), odd_p, even_p);
  y[2] = hn::NegMulAdd(number(winograd_p), odd_p, even_p);
  const V even_q = hn::NegMulAdd(number(winograd_pp), x[2], x[4]);
  const V odd_q = hn::NegMulAdd(number(winograd_pp), x[1], x[3]);
  y[3] = hn::MulAdd(number(winograd_q), odd_q, even_q);
  y[4] = hn::NegMulAdd(number(winograd_q), odd_q, even_q);
  y[5] = hn::MulAdd(product, x[1], hn::NegMulAdd(sum, x[3], x[5]));
}

/// Four outputs of the products at the points.
HWY_INLINE void interpolate(const V (&m)[winograd_in], V (&y)[winograd_out]) {
  const D d;
  const auto number = [&](float value) HWY_ATTR { return hn::Set(d, value); };
  const V even_p = hn::Add(m[1], m[2]), odd_p = hn::Sub(m[1], m[2]);
  const V even_q = hn::Add(m[3], m[4]), odd_q = hn::Sub(m[3], m[4]);
  y[0] = hn::Add(m[0], hn::Add(even_p, even_q));
  y[1] = hn::MulAdd(number(winograd_p), odd_p, hn::Mul(number(winograd_q), odd_q));
  y[2] = hn::MulAdd(number(winograd_pp), even_p, hn::Mul(number(winograd_qq), even_q));
  y[3] = hn::MulAdd(number(winograd_p * winograd_pp), odd_p,
                    hn::MulAdd(number(winograd_q * winograd_qq), odd_q, m[5]));
}

void winograd_tile_in(const WinogradTile& t) {
  const D d;
  const auto first_row = static_cast<ptrdiff_t>(t.row) - static_cast<ptrdiff_t>(t.pad_row);
  const auto first_column = static_cast<ptrdiff_t>(t.column) - static_cast<ptrdiff_t>(t.pad_column);
  for (size_t lane = 0; lane < channel_block; lane += lanes) {
    V half[winograd_in][winograd_in];  // by row; evaluated along columns
    for (size_t i = 0; i < winograd_in; ++i) {
      V x[winograd_in];
      const ptrdiff_t row = first_row + static_cast<ptrdiff_t>(i);
      const bool inside = row >= 0 && row < static_cast<ptrdiff_t>(t.height);
      const float* from = t.from + (row * static_cast<ptrdiff_t>(t.width) + first_column) *
                                       static_cast<ptrdiff_t>(channel_block);
      for (size_t j = 0; j < winograd_in; ++j) {
        const ptrdiff_t column = first_column + static_cast<ptrdiff_t>(j);
        x[j] = inside && column >= 0 && column < static_cast<ptrdiff_t>(t.width)
                   ? hn::LoadU(d, from + j * channel_block + lane)
                   : hn::Zero(d);
      }
      evaluate(x, half[i]);
    }
    for (size_t j = 0; j < winograd_in; ++j) {
      V x[winograd_in], y[winograd_in];
      for (size_t i = 0; i < winograd_in; ++i) x[i] = half[i][j];
      evaluate(x, y);
      for (size_t i = 0; i < winograd_in; ++i)
        hn::StoreU(y[i], d, t.to + (i * winograd_in + j) * t.stride + lane);
    }
  }
}

void winograd_tile_out(const WinogradTile& t) {
  const D d;
  const V low = hn::Set(d, t.low), high = hn::Set(d, t.high);
  const size_t rows = std::min(winograd_out, t.height - t.row);
  const size_t columns = std::min(winograd_out, t.width - t.column);
  for (size_t lane = 0; lane < channel_block; lane += lanes) {
    const V bias = hn::LoadU(d, t.bias + lane);
    V half[winograd_out][winograd_in];
    for (size_t j = 0; j < winograd_in; ++j) {
      V m[winograd_in], y[winograd_out];
      for (size_t i = 0; i < winograd_in; ++i)
        m[i] = hn::LoadU(d, t.from + (i * winograd_in + j) * t.stride + lane);
      interpolate(m, y);
      for (size_t i = 0; i < winograd_out; ++i) half[i][j] = y[i];
    }
    for (size_t i = 0; i < rows; ++i) {
      V y[winograd_out];
      interpolate(half[i], y);
      const size_t at = ((t.row + i) * t.width + t.column) * channel_block + lane;
      for (size_t j = 0; j < columns; ++j) {
        V result = hn::Add(y[j], bias);
        if (t.residual) result = hn::Add(result, hn::LoadU(d, t.residual + at + j * channel_block));
        result = min_keeping_nan(high, max_keeping_nan(low, result));
        hn::StoreU(result, d, t.to + at + j * channel_block);
      }
    }
  }
}

}  // namespace HWY_NAMESPACE
}  // namespace atlas::cpu
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace atlas::cpu {
HWY_EXPORT(winograd_tile_in);
HWY_EXPORT(winograd_tile_out);

namespace {

bool is_open(const ConvShape& shape) {
  const Spatial one{1, 1, 1}, window{1, 3, 3};
  return shape.groups == 1 && shape.kernel == window && shape.stride == one && shape.dilation == one &&
         shape.padded(0) == 1;
}

constexpr size_t widest_panel = 64;

/// The kernels g[0], g[1], g[2] of `lanes` output channels at the points, so scaled that `evaluate` needs no
/// divisions. Rows of `widest_panel` doubles, `step` of them from one value to the next.
void evaluate_kernels(const double* g, size_t step, size_t lanes, double* to, size_t to_step) {
  const double p = winograd_p, q = winograd_q, pp = p * p, qq = q * q;
  const double by_0 = 1 / (pp * qq), by_p = 1 / (2 * pp * (pp - qq)), by_q = 1 / (2 * qq * (qq - pp));
  for (size_t lane = 0; lane < lanes; ++lane) {
    const double g0 = g[lane], g1 = g[step + lane], g2 = g[2 * step + lane];
    to[lane] = g0 * by_0;
    to[to_step + lane] = (g0 + g1 * p + g2 * pp) * by_p;
    to[2 * to_step + lane] = (g0 - g1 * p + g2 * pp) * by_p;
    to[3 * to_step + lane] = (g0 + g1 * q + g2 * qq) * by_q;
    to[4 * to_step + lane] = (g0 - g1 * q + g2 * qq) * by_q;
    to[5 * to_step + lane] = g2;
  }
}

}  // namespace

bool PackedWinograd::is_worth_it(const ConvShape& shape) {
  static const bool off = is_switched_off("winograd");
  if (off || !is_open(shape) || shape.in_channels < channel_block) return false;
  const auto channels = static_cast<double>(shape.in_channels);
  const auto outputs = static_cast<double>(channel_blocks(shape.out_channels) * channel_block);
  // In products, all of them at the speed of the tiles; what passes through memory at 9 products a byte.
  const double weights = 9 * sizeof(float) * channels * outputs;
  const bool known = shape.input[1] > 0 && shape.input[2] > 0;
  if (known && (shape.padded(1) < 3 || shape.padded(2) < 3)) return false;
  const Spatial out = known ? shape.output() : Spatial{1, 56, 56};
  const auto positions = static_cast<double>(out[1] * out[2]);
  const auto tiles = static_cast<double>(ceil_div(out[1], winograd_out) * ceil_div(out[2], winograd_out));
  const double direct = positions * 9 * channels * outputs + 9 * weights;
  const double transforms = 240 * tiles * (channels + outputs);
  const double products = winograd_points * (tiles * channels * outputs + weights);
  return products + transforms < 0.9 * direct;
}

PackedWinograd::PackedWinograd(const ConvShape& shape, WeightFinder weights, Packer& packer)
    : kernel_(&blocked_kernel()), in_channels_(shape.in_channels), out_channels_(shape.out_channels) {
  ensure(is_open(shape), "Winograd: not a 3x3 window at stride 1");
  size_ = winograd_points * channel_blocks(out_channels_) * channel_block * in_channels_;
  weights_ = packer.pack(bytes(), [&](std::byte* to) { fill(weights(), reinterpret_cast<float*>(to)); });
}

void PackedWinograd::fill(const float* weights, float* to) const {
  const size_t all_lanes = channel_blocks(out_channels_) * channel_block, width = kernel_->panel_lanes();
  ensure(width <= widest_panel, "Winograd: a panel of too many lanes");
  const size_t k = in_channels_ * 9;
  Scratch memory((width * k + pack_slack) * sizeof(float));
  float* turned = memory.as<float>();  // [input channel][tap][lane]
  double kernels[9 * widest_panel], half[3 * winograd_in * widest_panel],
      points[winograd_points * widest_panel];
  for (size_t first = 0; first < all_lanes; first += width) {
    const size_t lanes = std::min(width, all_lanes - first);
    const size_t rows = first < out_channels_ ? std::min(lanes, out_channels_ - first) : 0;
    float* panel = to + first * winograd_points * in_channels_;
    if (rows == 0) {
      std::fill_n(panel, lanes * winograd_points * in_channels_, 0.0f);
      continue;
    }
    pack_panel(weights + first * k, k, 1, rows, k, lanes, turned);
    for (size_t c = 0; c < in_channels_; ++c) {
      for (size_t tap = 0; tap < 9; ++tap)
        std::copy_n(turned + (c * 9 + tap) * lanes, lanes, kernels + tap * widest_panel);
      for (size_t i = 0; i < 3; ++i)
        evaluate_kernels(kernels + 3 * i * widest_panel, widest_panel, lanes,
                         half + winograd_in * i * widest_panel, widest_panel);
      for (size_t j = 0; j < winograd_in; ++j)
        evaluate_kernels(half + j * widest_panel, winograd_in * widest_panel, lanes,
                         points + j * widest_panel, winograd_in * widest_panel);
      for (size_t point = 0; point < winograd_points; ++point)
        for (size_t lane = 0; lane < lanes; ++lane)
          panel[(point * in_channels_ + c) * lanes + lane] =
              static_cast<float>(points[point * widest_panel + lane]);
    }
  }
}

void winograd_conv(const ConvShape& shape, const PackedWinograd& weights, const float* input, float* output,
                   const Epilogue& epilogue, ThreadPool& pool) {
  check(shape);
  ensure(is_open(shape) && weights.in_channels_ == shape.in_channels &&
             weights.out_channels_ == shape.out_channels,
         "Winograd: weights were packed for another shape");
  const BlockedKernel& kernel = *weights.kernel_;
  const Spatial out = shape.output();
  const size_t in_blocks = channel_blocks(shape.in_channels), out_blocks = channel_blocks(shape.out_channels);
  const size_t all_lanes = out_blocks * channel_block, width = kernel.panel_lanes();
  const size_t tile_columns = ceil_div(out[2], winograd_out);
  const size_t tiles = ceil_div(out[1], winograd_out) * tile_columns;
  const size_t in_plane = shape.input[1] * shape.input[2] * channel_block;
  const size_t out_plane = out[1] * out[2] * channel_block;

  // As many tiles as leave room in the second cache, whole rows of the products' tiles; a few for each
  // thread.
  constexpr size_t transform_bytes = 256 * 1024;
  const size_t tile_bytes = winograd_points * in_blocks * channel_block * sizeof(float);
  size_t together = std::max(kernel.rows, transform_bytes / tile_bytes / kernel.rows * kernel.rows);
  together = std::min(together, ceil_div(tiles * shape.batch, pool.size()));
  const size_t chunks = ceil_div(tiles, together);

  Scratch bias_memory((all_lanes + width) * sizeof(float));
  float* bias = bias_memory.as<float>();
  std::fill_n(bias, all_lanes + width, 0.0f);
  if (epilogue.row_bias) std::copy_n(epilogue.row_bias, shape.out_channels, bias);
  const float* no_bias = bias + all_lanes;
  WinogradTile common{.bias = bias};
  const Epilogue behind = epilogue.behind(common.low, common.high);

  pool.parallel_for(shape.batch * chunks, 1, [&](size_t begin, size_t end) {
    // A line between points: else their strides may all fall on the same lines of the cache.
    const size_t block_floats = together * channel_block;
    const size_t in_stride = in_blocks * block_floats + channel_block;
    const size_t panel_blocks = ceil_div(width, channel_block);
    const size_t out_stride = panel_blocks * block_floats + channel_block;
    Scratch memory(winograd_points * (in_stride + out_stride) * sizeof(float));
    float* transformed = memory.as<float>();
    float* products = transformed + winograd_points * in_stride;
    const auto tile_in = ATLAS_DISPATCH(winograd_tile_in);
    const auto tile_out = ATLAS_DISPATCH(winograd_tile_out);
    for (size_t task = begin; task < end; ++task) {
      const size_t image = task / chunks, first = task % chunks * tiles / chunks;
      const size_t count = (task % chunks + 1) * tiles / chunks - first;
      WinogradTile in = common;
      in.stride = in_stride;
      in.height = shape.input[1];
      in.width = shape.input[2];
      in.pad_row = shape.pad_begin[1];
      in.pad_column = shape.pad_begin[2];
      for (size_t block = 0; block < in_blocks; ++block) {
        in.from = input + (image * in_blocks + block) * in_plane;
        for (size_t i = 0; i < count; ++i) {
          in.row = (first + i) / tile_columns * winograd_out;
          in.column = (first + i) % tile_columns * winograd_out;
          in.to = transformed + block * block_floats + i * channel_block;
          tile_in(in);
        }
      }
      const size_t row_tiles = ceil_div(count, kernel.rows);
      for (size_t lane = 0; lane < all_lanes; lane += std::max(width, channel_block)) {
        // All panels of one block of channels, or a panel of several blocks.
        const size_t end_lane = std::min(lane + std::max(width, channel_block), all_lanes);
        for (size_t point = 0; point < winograd_points; ++point)
          for (size_t panel = lane; panel < end_lane; panel += width) {
            const size_t vectors = std::min(width, all_lanes - panel) / kernel.lanes;
            BlockedTile tile{
                .block_stride = block_floats,
                .blocks = in_blocks,
                .block_channels = channel_block,
                .last_channels = shape.in_channels - (in_blocks - 1) * channel_block,
                .taps = 1,
                .zeros = no_bias,
                .weights = reinterpret_cast<const float*>(weights.weights_.get()) +
                           (panel * winograd_points + point * vectors * kernel.lanes) * shape.in_channels,
                .bias = no_bias,
                .output_stride = block_floats,
                .output_pitch = channel_block,
                .residual_pitch = channel_block,
                .first_lane = panel - lane,
                .low = -std::numeric_limits<float>::infinity(),
                .high = std::numeric_limits<float>::infinity()};
            // The weights of the next point come meanwhile: each is read by a few tiles only.
            tile.next_lines = ceil_div(4 * vectors * kernel.lanes / channel_block, row_tiles);
            for (size_t i = 0; i < row_tiles; ++i) {
              if (point + 1 < winograd_points)
                tile.next = tile.weights + vectors * kernel.lanes * shape.in_channels +
                            i * tile.next_lines * (shape.in_channels / 4) * channel_block;
              const size_t row = i * count / row_tiles, rows = (i + 1) * count / row_tiles - row;
              tile.input = transformed + point * in_stride + row * channel_block;
              tile.output = products + point * out_stride + row * channel_block;
              kernel.dense_tile[rows - 1][vectors - 1](tile);
            }
          }
        WinogradTile back = common;
        back.stride = out_stride;
        back.height = out[1];
        back.width = out[2];
        for (size_t block = lane / channel_block; block < end_lane / channel_block; ++block) {
          const size_t at = (image * out_blocks + block) * out_plane;
          back.to = output + at;
          back.residual = epilogue.residual ? epilogue.residual + at : nullptr;
          back.bias = bias + block * channel_block;
          for (size_t i = 0; i < count; ++i) {
            back.row = (first + i) / tile_columns * winograd_out;
            back.column = (first + i) % tile_columns * winograd_out;
            back.from = products + (block - lane / channel_block) * block_floats + i * channel_block;
            tile_out(back);
            if (behind.empty()) continue;
            const size_t columns = std::min(winograd_out, out[2] - back.column);
            for (size_t r = back.row; r < std::min(back.row + winograd_out, out[1]); ++r)
              apply(behind, back.to + (r * out[2] + back.column) * channel_block, 0, 1,
                    columns * channel_block);
          }
        }
      }
    }
  });
}

}  // namespace atlas::cpu
#endif
