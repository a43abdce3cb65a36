// The tiles of a part go along its positions while a panel of weights stays in the cache.
#include "atlas/targets/cpu/kernels/blocked_conv_run.h"

#include <algorithm>
#include <limits>
#include <optional>

#include "atlas/base/error.h"
#include "atlas/targets/cpu/kernels/channel_blocks.h"
#include "atlas/targets/cpu/kernels/scratch.h"

namespace atlas::cpu {
namespace {

/// The image with its padding in it.
ConvShape padded_image(ConvShape shape) {
  for (size_t dim = 0; dim < 3; ++dim) shape.input[dim] = shape.padded(dim);
  shape.pad_begin = shape.pad_end = {0, 0, 0};
  return shape;
}

/// Rows [begin, end) of the plain image with its padding, the channels of a position side by side.
void pad_plain(const ConvShape& shape, const float* image, size_t begin, size_t end, float* to) {
  const size_t channels = shape.in_channels, plane = volume(shape.input), height = shape.padded(1);
  const size_t row_floats = shape.padded(2) * channels;
  const size_t before = shape.pad_begin[2] * channels, inner = shape.input[2] * channels;
  for (size_t row = begin; row < end; ++row, to += row_floats) {
    const size_t i0 = row / height - shape.pad_begin[0], i1 = row % height - shape.pad_begin[1];
    if (i0 >= shape.input[0] || i1 >= shape.input[1]) {
      std::fill_n(to, row_floats, 0.0f);
      continue;
    }
    std::fill_n(to, before, 0.0f);
    std::fill(to + before + inner, to + row_floats, 0.0f);
    interleave_channels(image + (i0 * shape.input[1] + i1) * shape.input[2], plane, channels, shape.input[2],
                        to + before);
  }
}

}  // namespace

Taps::Taps(const ConvShape& shape, const Spatial& kernel, size_t pixel)
    : shape_(shape), kernel_(kernel), out_(shape.output()), pixel_(pixel) {
  for (size_t dim = 0; dim < 3; ++dim) {
    const size_t reach = (kernel[dim] - 1) * shape.dilation[dim];
    last_start_[dim] = shape.input[dim] > reach ? shape.input[dim] - reach : 0;
  }
  for (size_t t0 = 0; t0 < kernel[0]; ++t0)
    for (size_t t1 = 0; t1 < kernel[1]; ++t1)
      for (size_t t2 = 0; t2 < kernel[2]; ++t2)
        distances_.push_back(static_cast<int32_t>(
            ((t0 * shape.dilation[0] * shape.input[1] + t1 * shape.dilation[1]) * shape.input[2] +
             t2 * shape.dilation[2]) *
            pixel));
}

bool Taps::fill_inside(size_t first, size_t rows, size_t skipped, int32_t* offsets) const {
  int32_t bases[BlockedKernel::max_rows];
  size_t row = 0;
  while (row < rows) {  // a line of the output after the other
    const size_t line = (first + row) / out_[2], column = (first + row) % out_[2];
    const size_t start[3] = {line / out_[1] * shape_.stride[0] - shape_.pad_begin[0],
                             line % out_[1] * shape_.stride[1] - shape_.pad_begin[1],
                             column * shape_.stride[2] - shape_.pad_begin[2]};
    const size_t count = std::min(rows - row, out_[2] - column);
    if (start[0] >= last_start_[0] || start[1] >= last_start_[1] || start[2] >= last_start_[2] ||
        start[2] + (count - 1) * shape_.stride[2] >= last_start_[2])
      return false;
    const size_t base = ((start[0] * shape_.input[1] + start[1]) * shape_.input[2] + start[2]) * pixel_;
    for (size_t i = 0; i < count; ++i, ++row)
      bases[row] = static_cast<int32_t>(base + i * shape_.stride[2] * pixel_ - skipped);
  }
  for (const int32_t distance : distances_)
    for (row = 0; row < rows; ++row) *offsets++ = bases[row] + distance;
  return true;
}

void Taps::fill(size_t first, size_t rows, size_t skipped, int32_t* offsets) const {
  if (fill_inside(first, rows, skipped, offsets)) return;
  size_t at[3] = {first / out_[2] / out_[1], first / out_[2] % out_[1], first % out_[2]};
  for (size_t row = 0; row < rows; ++row) {
    size_t start[3];  // what lies before the image wraps round to beyond it
    for (size_t dim = 0; dim < 3; ++dim) start[dim] = at[dim] * shape_.stride[dim] - shape_.pad_begin[dim];
    for (size_t dim = 3; dim-- > 0;) {
      if (++at[dim] < out_[dim]) break;
      at[dim] = 0;
    }
    int32_t* to = offsets + row;
    if (start[0] < last_start_[0] && start[1] < last_start_[1] && start[2] < last_start_[2]) {
      const size_t base = ((start[0] * shape_.input[1] + start[1]) * shape_.input[2] + start[2]) * pixel_;
      for (const int32_t distance : distances_) {
        *to = static_cast<int32_t>(base - skipped) + distance;
        to += rows;
      }
      continue;
    }
    for (size_t t0 = 0; t0 < kernel_[0]; ++t0) {
      const size_t i0 = start[0] + t0 * shape_.dilation[0];
      for (size_t t1 = 0; t1 < kernel_[1]; ++t1) {
        const size_t i1 = start[1] + t1 * shape_.dilation[1];
        const bool inside = i0 < shape_.input[0] && i1 < shape_.input[1];
        for (size_t t2 = 0; t2 < kernel_[2]; ++t2, to += rows) {
          const size_t i2 = start[2] + t2 * shape_.dilation[2];
          *to = inside && i2 < shape_.input[2]
                    ? static_cast<int32_t>(((i0 * shape_.input[1] + i1) * shape_.input[2] + i2) * pixel_ -
                                           skipped)
                    : -1;
        }
      }
    }
  }
}

BlockedConvRun::BlockedConvRun(const ConvShape& shape, const PackedBlockedConv& weights,
                               const Epilogue& epilogue)
    : shape_(shape),
      kernel_(*weights.kernel_),
      plain_(weights.layout_ == ImageLayout::Plain),
      dense_(shape.pointwise() && !plain_ && volume(shape.output()) > BlockedKernel::few_rows),
      image_(plain_ ? padded_image(shape) : shape),
      pixel_(plain_ ? shape.in_channels : channel_block),
      positions_(volume(shape.output())),
      steps_(shape, weights.layout_),
      panels_(kernel_, shape.group_out()),
      taps_(image_, plain_ ? Spatial{shape.kernel[0], shape.kernel[1], 1} : shape.kernel, pixel_),
      zeros_(steps_.block_channels, 0.0f),
      bias_(lanes_of(epilogue.row_bias, shape.out_channels)) {
  ensure(weights.fits(shape), "blocked convolution: weights were packed for another shape");
  require(volume(image_.input) * pixel_ <= std::numeric_limits<int32_t>::max(),
          "convolution: expected at most {} positions of an image, got {}",
          std::numeric_limits<int32_t>::max() / pixel_, volume(image_.input));
  common_ = {.block_stride = volume(image_.input) * channel_block,
             .blocks = steps_.blocks,
             .block_channels = steps_.block_channels,
             .last_channels = steps_.last_channels,
             .taps = steps_.taps,
             .zeros = zeros_.data(),
             .output_pitch = channel_block,
             .residual_pitch = channel_block};
  behind_ = epilogue.behind(common_.low, common_.high);
}

void BlockedConvRun::compute(const Part& part, const float* image, const float* packed, float* output,
                             size_t output_stride, const float* residual) const {
  const size_t count = part.end_position - part.first_position, tile_count = ceil_div(count, kernel_.rows);
  const auto position = [&](size_t tile) { return part.first_position + tile * count / tile_count; };
  // Of a plain image the rows that the part reads are padded for it.
  std::optional<Scratch> padded;
  size_t skipped = 0;
  if (plain_) {
    const Spatial out = shape_.output();
    const auto rows_before = [&](size_t at) {
      return at / out[2] / out[1] * shape_.stride[0] * image_.input[1] +
             at / out[2] % out[1] * shape_.stride[1];
    };
    const size_t row_floats = image_.input[2] * pixel_, begin = rows_before(part.first_position);
    const size_t end =
        rows_before(part.end_position - 1) + (shape_.reach(0) - 1) * image_.input[1] + shape_.reach(1);
    padded.emplace((end - begin) * row_floats * sizeof(float));
    pad_plain(shape_, image, begin, end, padded->as<float>());
    image = padded->as<float>();
    skipped = begin * row_floats;
  }
  Scratch memory(dense_ ? 0 : count * steps_.taps * sizeof(int32_t));
  auto* offsets = memory.as<int32_t>();
  for (size_t tile = 0; tile < tile_count && !dense_; ++tile)
    taps_.fill(position(tile), position(tile + 1) - position(tile), skipped,
               offsets + (position(tile) - part.first_position) * steps_.taps);
  const BlockedTileFunction(*const tiles)[BlockedKernel::max_vectors] = positions_ <= BlockedKernel::few_rows
                                                                            ? kernel_.few_tile
                                                                        : dense_ ? kernel_.dense_tile
                                                                                 : kernel_.tile;
  const size_t steps = steps_.count();
  for (size_t panel = part.first_panel; panel < part.end_panel; ++panel) {
    BlockedTile tile = common_;
    tile.input = image;
    tile.weights = packed + (part.group * panels_.all_lanes + panel * panels_.width) * steps;
    tile.bias = bias_.data() + part.group * panels_.all_lanes + panel * panels_.width;
    tile.first_lane = (panel - part.first_panel) * panels_.width;
    tile.output_stride = output_stride;
    const size_t vectors = panels_.vectors(panel), end_lane = tile.first_lane + vectors * panels_.lanes;
    // Where few tiles pass over a panel of weights, each fetches its part of the next panel.
    const size_t panel_lines = 4 * vectors * panels_.lanes / channel_block;  // in four steps
    const size_t share = tile_count <= panel_lines ? ceil_div(panel_lines, tile_count) : 0;
    const float* next =
        panel + 1 < panels_.count && share > 0 ? tile.weights + vectors * panels_.lanes * steps : nullptr;
    tile.next_lines = share;
    for (size_t i = 0; i < tile_count; ++i) {
      tile.next = next ? next + i * share * (steps / 4) * channel_block : nullptr;
      const size_t first = position(i), rows = position(i + 1) - first;
      const size_t at = (first - part.first_position) * channel_block;
      if (dense_)
        tile.input = image + first * channel_block;
      else
        tile.offsets = offsets + (first - part.first_position) * steps_.taps;
      tile.output = output + at;
      tile.residual = residual ? residual + at : nullptr;
      tiles[rows - 1][vectors - 1](tile);
      // Once all lanes of the blocks are there.
      if (behind_.empty() || end_lane % channel_block != 0) continue;
      for (size_t block = tile.first_lane / channel_block; block < end_lane / channel_block; ++block)
        apply(behind_, tile.output + block * output_stride, 0, 1, rows * channel_block);
    }
  }
}

}  // namespace atlas::cpu
