// Rows are copied a cache line at a time; what does not fill the vectors of a panel goes through a copy of
// its tile.
#include "atlas/targets/cpu/kernels/row_tiles.h"

#include <algorithm>
#include <cstring>

#include "atlas/targets/cpu/kernels/pack_panel.h"

namespace atlas::cpu {
namespace {

constexpr size_t max_lanes = 32;
constexpr float no_bias[max_lanes] = {};
constexpr int32_t row_offsets[BlockedKernel::few_rows] = {0, channel_block, 2 * channel_block,
                                                          3 * channel_block};

void copy_block(const float* __restrict from, size_t steps, float factor, float* __restrict to) {
  if (factor == 1) {
    if (steps == channel_block)
      std::memcpy(to, from, channel_block * sizeof(float));
    else
      std::memcpy(to, from, steps * sizeof(float));
    return;
  }
  if (steps == channel_block)  // a count that the compiler knows becomes vectors
    for (size_t i = 0; i < channel_block; ++i) to[i] = factor * from[i];
  else
    for (size_t i = 0; i < steps; ++i) to[i] = factor * from[i];
}

}  // namespace

void pack_rows(const RowTiles& tiles, MatrixView a, float factor, float* to) noexcept {
  for (size_t tile = 0; tile < tiles.count; ++tile) {
    const size_t first = tiles.first(tile), rows = tiles.first(tile + 1) - first;
    const float* from = a.data + first * a.row_stride;
    for (size_t k = 0; k < tiles.k; k += channel_block, to += rows * channel_block) {
      const size_t steps = std::min(channel_block, tiles.k - k);
      const float* block = from + k * a.column_stride;
      if (a.column_stride == 1) {
        for (size_t row = 0; row < rows; ++row)
          copy_block(block + row * a.row_stride, steps, factor, to + row * channel_block);
        continue;
      }
      pack_panel(block, a.column_stride, a.row_stride, steps, rows, channel_block, to);
      if (factor != 1)
        for (size_t i = 0; i < rows * channel_block; ++i) to[i] *= factor;
    }
  }
}

void multiply(const PanelProduct& p) noexcept {
  const size_t lanes = p.kernel.lanes, vectors = ceil_div(p.columns, lanes), width = vectors * lanes;
  const bool few = std::max(p.all_rows, p.tiles.rows) <= BlockedKernel::few_rows;
  BlockedTile tile{.blocks = ceil_div(p.tiles.k, channel_block),
                   .block_channels = channel_block,
                   .last_channels = p.tiles.k - (ceil_div(p.tiles.k, channel_block) - 1) * channel_block,
                   .offsets = row_offsets,
                   .taps = 1,
                   .weights = p.panel,
                   .bias = p.bias ? p.bias : no_bias,
                   .output_stride = channel_block,
                   .output_pitch = p.c_stride,
                   .residual_pitch = p.residual_stride,
                   .low = p.low,
                   .high = p.high};
  alignas(64) float whole[BlockedKernel::max_rows * max_lanes], bias[max_lanes] = {};
  const bool partial = p.columns != width;
  if (partial) {
    if (p.bias) std::copy_n(p.bias, p.columns, bias);
    tile.bias = bias;
    tile.output_pitch = tile.residual_pitch = width;
  }
  // Where few tiles pass over a panel, each fetches its part of the next one; of many the first do.
  const size_t lines_per_step = 4 * width / channel_block;  // of four steps of k
  const size_t fetching = std::min(p.end - p.begin, lines_per_step);
  tile.next_lines = ceil_div(lines_per_step, fetching);
  const size_t start = p.tiles.first(p.begin);
  for (size_t i = p.begin; i < p.end; ++i) {
    const size_t first = p.tiles.first(i), rows = p.tiles.first(i + 1) - first;
    float* c = p.c + (first - start) * p.c_stride;
    const float* residual = p.residual ? p.residual + (first - start) * p.residual_stride : nullptr;
    tile.input = p.a + first * p.tiles.row_floats();
    tile.block_stride = rows * channel_block;
    tile.next = p.next && i - p.begin < fetching
                    ? p.next + (i - p.begin) * tile.next_lines * (p.tiles.k / 4) * channel_block
                    : nullptr;
    tile.output = partial ? whole : c;
    tile.residual = residual;
    if (partial && residual) {
      for (size_t row = 0; row < rows; ++row)
        std::copy_n(residual + row * p.residual_stride, p.columns, whole + row * width);
      tile.residual = whole;
    }
    (few ? p.kernel.few_tile : p.kernel.dense_tile)[rows - 1][vectors - 1](tile);
    if (partial)
      for (size_t row = 0; row < rows; ++row)
        std::copy_n(whole + row * width, p.columns, c + row * p.c_stride);
  }
}

}  // namespace atlas::cpu
