// Cuts the output into tasks of some positions by some panels of channels, so that what a task reads of the
// image stays in the second cache while the weights of its panels pass.
#include "atlas/targets/cpu/kernels/blocked_conv.h"

#include <algorithm>
#include <limits>
#include <optional>
#include <vector>

#include "atlas/base/error.h"
#include "atlas/targets/cpu/kernels/blocked_depthwise.h"
#include "atlas/targets/cpu/kernels/ceil_div.h"
#include "atlas/targets/cpu/kernels/channel_blocks.h"
#include "atlas/targets/cpu/kernels/gemm_kernel.h"
#include "atlas/targets/cpu/kernels/scratch.h"

namespace atlas::cpu {
namespace {

/// The steps of k in the order of the tile: blocks of channels, in each the taps, in each the channels. Of a
/// plain image a tap is a row of the kernel with all its channels, one behind the other.
struct Steps {
  size_t blocks, block_channels, last_channels, taps;

  Steps(const ConvShape& shape, ImageLayout layout) {
    if (layout == ImageLayout::Plain) {
      blocks = 1;
      block_channels = last_channels = shape.kernel[2] * shape.in_channels;
      taps = shape.kernel[0] * shape.kernel[1];
    } else {
      blocks = channel_blocks(shape.group_in());
      block_channels = channel_block;
      last_channels = shape.group_in() - (blocks - 1) * channel_block;
      taps = volume(shape.kernel);
    }
  }
  size_t count() const { return ((blocks - 1) * block_channels + last_channels) * taps; }
};

/// Panels of output channels of one group; the last may be narrower.
struct Panels {
  size_t width, lanes, all_lanes, count;

  Panels(const BlockedKernel& kernel, size_t channels)
      : width(kernel.panel_lanes()),
        lanes(kernel.lanes),
        all_lanes(channel_blocks(channels) * channel_block),
        count(ceil_div(all_lanes, width)) {}
  size_t vectors(size_t panel) const { return std::min(width, all_lanes - panel * width) / lanes; }
};

/// Where the taps of an output position lie in the image.
class Taps {
 public:
  /// `pixel`: floats from one position of the image to the next.
  Taps(const ConvShape& shape, const Spatial& kernel, size_t pixel)
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

  /// offsets[tap * rows + row] for the output positions from `first` on, less `skipped` floats.
  void fill(size_t first, size_t rows, size_t skipped, int32_t* offsets) const {
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

 private:
  const ConvShape& shape_;
  Spatial kernel_, out_;
  size_t pixel_;
  Spatial last_start_;              // windows that begin before it lie inside the image
  std::vector<int32_t> distances_;  // of the taps from the first
};

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

/// The weights of a panel are its steps by `width` lanes; each step times the factor of its channel.
void scale_steps(const Steps& steps, size_t width, const float* from, const float* factors, float* to) {
  for (size_t block = 0; block < steps.blocks; ++block) {
    const size_t channels = block + 1 == steps.blocks ? steps.last_channels : steps.block_channels;
    for (size_t tap = 0; tap < steps.taps; ++tap)
      for (size_t c = 0; c < channels; ++c, from += width, to += width) {
        const float factor = factors[block * channel_block + c];
        for (size_t lane = 0; lane < width; ++lane) to[lane] = from[lane] * factor;
      }
  }
}

/// How the output of one group is cut.
struct Grid {
  size_t tiles, chunk_tiles, chunks, task_panels, panel_tasks;

  Grid(const ConvShape& shape, const Panels& panels, size_t rows, size_t positions, size_t steps,
       const ThreadPool& pool) {
    constexpr double flops_worth_a_task = 200e3;
    constexpr size_t chunk_bytes = 256 * 1024;
    const double flops = 2.0 * static_cast<double>(positions) * static_cast<double>(panels.all_lanes) *
                         static_cast<double>(steps);
    const double most = 4.0 * static_cast<double>(pool.size());
    const size_t wanted =
        pool.size() == 1 ? 1
                         : ceil_div(static_cast<size_t>(std::clamp(flops / flops_worth_a_task, 1.0, most)),
                                    shape.groups * shape.batch);
    tiles = ceil_div(positions, rows);
    const size_t row_bytes = shape.group_in() * volume(shape.stride) * sizeof(float);
    chunk_tiles = std::clamp<size_t>(chunk_bytes / (rows * row_bytes), 1, tiles);
    // Panels that share a block of channels stay in one task.
    const size_t together = std::max<size_t>(1, channel_block / panels.width);
    const size_t sets = ceil_div(panels.count, together);
    const size_t sets_wanted = std::min(sets, ceil_div(wanted, ceil_div(tiles, chunk_tiles)));
    task_panels = ceil_div(sets, sets_wanted) * together;
    panel_tasks = ceil_div(panels.count, task_panels);
    chunk_tiles = std::min(chunk_tiles, ceil_div(tiles, std::min(tiles, ceil_div(wanted, panel_tasks))));
    chunks = ceil_div(tiles, chunk_tiles);
  }
};

void fill_depthwise(const ConvShape& shape, const float* weights, float* to) {
  const size_t taps = volume(shape.kernel);
  for (size_t block = 0; block < channel_blocks(shape.out_channels); ++block)
    for (size_t tap = 0; tap < taps; ++tap)
      for (size_t lane = 0; lane < channel_block; ++lane) {
        const size_t channel = block * channel_block + lane;
        *to++ = channel < shape.out_channels ? weights[channel * taps + tap] : 0.0f;
      }
}

void fill_panels(const ConvShape& shape, ImageLayout layout, const Steps& steps, const Panels& panels,
                 const float* weights, float* to) {
  const size_t taps = volume(shape.kernel), k = steps.count();
  const size_t row_taps = shape.kernel[2];
  // First turned to [input channel][tap][lane], then put in the order of the steps.
  Scratch memory((panels.width * k + pack_slack) * sizeof(float));
  float* turned = memory.as<float>();
  for (size_t group = 0; group < shape.groups; ++group) {
    const float* from = weights + group * shape.group_out() * k;
    for (size_t panel = 0; panel < panels.count; ++panel) {
      const size_t first = panel * panels.width, width = panels.vectors(panel) * panels.lanes;
      const size_t rows = first < shape.group_out() ? std::min(width, shape.group_out() - first) : 0;
      if (rows == 0) {
        std::fill_n(to, k * width, 0.0f);
        to += k * width;
        continue;
      }
      pack_panel(from + first * k, k, 1, rows, k, width, turned);
      for (size_t block = 0; block < steps.blocks; ++block) {
        const size_t channels = block + 1 == steps.blocks ? steps.last_channels : steps.block_channels;
        for (size_t tap = 0; tap < steps.taps; ++tap)
          for (size_t c = 0; c < channels; ++c, to += width) {
            const size_t row = layout == ImageLayout::Plain
                                   ? c % shape.in_channels * taps + tap * row_taps + c / shape.in_channels
                                   : (block * channel_block + c) * taps + tap;
            std::copy_n(turned + row * width, width, to);
          }
      }
    }
  }
}

}  // namespace

bool PackedBlockedConv::takes(const ConvShape& shape, ImageLayout layout) {
  if (layout == ImageLayout::Plain)
    return shape.groups == 1 && shape.in_channels < channel_block && shape.dilation[2] == 1;
  return shape.groups == 1 || shape.depthwise() ||
         (shape.group_in() % channel_block == 0 && shape.group_out() % channel_block == 0);
}

PackedBlockedConv::PackedBlockedConv(const ConvShape& shape, ImageLayout layout, WeightFinder weights,
                                     Packer& packer)
    : kernel_(&blocked_kernel()), shape_(shape), layout_(layout) {
  ensure(takes(shape, layout), "blocked convolution: channels and groups that blocks do not fit");
  if (shape.depthwise()) {
    size_ = channel_blocks(shape.out_channels) * volume(shape.kernel) * channel_block;
    weights_ = packer.pack(
        bytes(), [&](std::byte* to) { fill_depthwise(shape, weights(), reinterpret_cast<float*>(to)); });
    return;
  }
  const Steps steps(shape, layout);
  const Panels panels(*kernel_, shape.group_out());
  size_ = panels.all_lanes * steps.count() * shape.groups;
  weights_ = packer.pack(bytes(), [&](std::byte* to) {
    fill_panels(shape, layout, steps, panels, weights(), reinterpret_cast<float*>(to));
  });
}

void blocked_conv(const ConvShape& shape, const PackedBlockedConv& weights, const float* input,
                  const float* factors, float* output, const Epilogue& epilogue, ThreadPool& pool) {
  check(shape);
  ensure(weights.shape_.out_channels == shape.out_channels &&
             weights.shape_.in_channels == shape.in_channels && weights.shape_.groups == shape.groups &&
             weights.shape_.kernel == shape.kernel,
         "blocked convolution: weights were packed for another shape");
  if (shape.batch == 0 || shape.out_channels == 0) return;
  const bool plain = weights.layout_ == ImageLayout::Plain;
  const size_t out_blocks = channel_blocks(shape.out_channels), positions = volume(shape.output());
  Scratch bias_memory(out_blocks * channel_block * sizeof(float));
  float* bias = bias_memory.as<float>();
  std::fill_n(bias, out_blocks * channel_block, 0.0f);
  if (epilogue.row_bias) std::copy_n(epilogue.row_bias, shape.out_channels, bias);
  const float* packed = reinterpret_cast<const float*>(weights.weights_.get());
  ensure(!factors || (weights.layout_ == ImageLayout::Blocked && shape.groups == 1),
         "blocked convolution: factors beside a plain image or groups");
  if (shape.depthwise()) return blocked_depthwise(shape, packed, bias, input, output, epilogue, pool);

  // From here on the image has its padding where it is plain.
  ConvShape image = shape;
  size_t pixel = channel_block, image_floats = channel_blocks(shape.in_channels) * channel_block;
  Spatial tap_kernel = shape.kernel;
  if (plain) {
    for (size_t dim = 0; dim < 3; ++dim) image.input[dim] = shape.padded(dim);
    image.pad_begin = image.pad_end = {0, 0, 0};
    pixel = image_floats = shape.in_channels;
    tap_kernel[2] = 1;
  }
  image_floats *= volume(image.input);
  require(volume(image.input) * pixel <= std::numeric_limits<int32_t>::max(),
          "convolution: expected at most {} positions of an image, got {}",
          std::numeric_limits<int32_t>::max() / pixel, volume(image.input));
  const size_t row_floats = image.input[2] * pixel;
  const Taps taps(image, tap_kernel, pixel);
  const Steps steps(shape, weights.layout_);
  const BlockedKernel& kernel = *weights.kernel_;
  const Panels panels(kernel, shape.group_out());
  const Grid grid(shape, panels, kernel.rows, positions, steps.count(), pool);
  const std::vector<float> zeros(steps.block_channels, 0.0f);
  const size_t group_out_floats = channel_blocks(shape.group_out()) * channel_block * positions;
  const size_t group_in_floats = image_floats / shape.groups;
  const BlockedTileFunction(*const tiles)[BlockedKernel::max_vectors] =
      positions <= BlockedKernel::few_rows ? kernel.few_tile
      : shape.pointwise() && !plain        ? kernel.dense_tile
                                           : kernel.tile;
  BlockedTile common{.block_stride = volume(image.input) * channel_block,
                     .blocks = steps.blocks,
                     .block_channels = steps.block_channels,
                     .last_channels = steps.last_channels,
                     .taps = steps.taps,
                     .zeros = zeros.data(),
                     .output_stride = positions * channel_block};
  const Epilogue behind = epilogue.behind(common.low, common.high);

  const auto run_task = [&](size_t n, const float* from, size_t task) {
    const size_t first_panel = task % grid.panel_tasks * grid.task_panels;
    const size_t chunk = task / grid.panel_tasks % grid.chunks, group = task / grid.panel_tasks / grid.chunks;
    const size_t first_tile = chunk * grid.chunk_tiles;
    const size_t end_tile = std::min(first_tile + grid.chunk_tiles, grid.tiles);
    const auto position = [&](size_t tile) { return tile * positions / grid.tiles; };
    const size_t group_at = (n * shape.groups + group) * group_out_floats;
    // Of a plain image the rows that the task reads are padded for it.
    std::optional<Scratch> padded;
    size_t skipped = 0;
    if (plain) {
      const auto rows_before = [&](size_t at) {
        const Spatial out = shape.output();
        return at / out[2] / out[1] * shape.stride[0] * image.input[1] +
               at / out[2] % out[1] * shape.stride[1];
      };
      const size_t begin = rows_before(position(first_tile));
      const size_t end =
          rows_before(position(end_tile) - 1) + (shape.reach(0) - 1) * image.input[1] + shape.reach(1);
      padded.emplace((end - begin) * row_floats * sizeof(float));
      pad_plain(shape, from, begin, end, padded->as<float>());
      from = padded->as<float>();
      skipped = begin * row_floats;
    }
    const bool dense = tiles == kernel.dense_tile;
    Scratch memory(dense ? 0 : (position(end_tile) - position(first_tile)) * steps.taps * sizeof(int32_t));
    int32_t* offsets = memory.as<int32_t>();
    for (size_t tile = first_tile; tile < end_tile && !dense; ++tile)
      taps.fill(position(tile), position(tile + 1) - position(tile), skipped,
                offsets + (position(tile) - position(first_tile)) * steps.taps);
    for (size_t panel = first_panel; panel < std::min(first_panel + grid.task_panels, panels.count);
         ++panel) {
      BlockedTile tile = common;
      tile.input = from + group * group_in_floats;
      tile.weights = packed + (group * panels.all_lanes + panel * panels.width) * steps.count();
      tile.first_lane = panel * panels.width;
      tile.bias = bias + group * panels.all_lanes + tile.first_lane;
      const size_t vectors = panels.vectors(panel), end_lane = tile.first_lane + vectors * panels.lanes;
      // Where few tiles pass over a panel of weights, each fetches its part of the next panel.
      const size_t panel_lines = 4 * vectors * panels.lanes / channel_block;  // in four steps
      const size_t share =
          end_tile - first_tile <= panel_lines ? ceil_div(panel_lines, end_tile - first_tile) : 0;
      const float* next = panel + 1 < panels.count && share > 0
                              ? tile.weights + vectors * panels.lanes * steps.count()
                              : nullptr;
      tile.next_lines = share;
      for (size_t i = first_tile; i < end_tile; ++i) {
        tile.next = next ? next + (i - first_tile) * share * (steps.count() / 4) * channel_block : nullptr;
        const size_t first = position(i), rows = position(i + 1) - first;
        const auto start = static_cast<int32_t>(first * channel_block);
        tile.offsets = dense ? &start : offsets + (first - position(first_tile)) * steps.taps;
        tile.output = output + group_at + first * channel_block;
        tile.residual = epilogue.residual ? epilogue.residual + group_at + first * channel_block : nullptr;
        tiles[rows - 1][vectors - 1](tile);
        // Once all lanes of the blocks are there.
        if (behind.empty() || end_lane % channel_block != 0) continue;
        for (size_t block = tile.first_lane / channel_block; block < end_lane / channel_block; ++block)
          apply(behind, tile.output + block * tile.output_stride, 0, 1, rows * channel_block);
      }
    }
  };
  // It takes fewer products to scale the weights than the image.
  std::optional<Scratch> scaled;
  if (factors) scaled.emplace(weights.bytes());
  const float* unscaled = packed;
  for (size_t n = 0; n < shape.batch; ++n) {
    if (factors) {
      pool.parallel_for(panels.count, 1 + 16384 / (panels.width * steps.count()),
                        [&](size_t begin, size_t end) {
                          for (size_t panel = begin; panel < end; ++panel) {
                            const size_t at = panel * panels.width * steps.count();
                            scale_steps(steps, panels.vectors(panel) * panels.lanes, unscaled + at,
                                        factors + n * steps.blocks * channel_block, scaled->as<float>() + at);
                          }
                        });
      packed = scaled->as<float>();
    }
    const float* from = input + n * (plain ? shape.in_channels * volume(shape.input) : image_floats);
    pool.parallel_for(shape.groups * grid.chunks * grid.panel_tasks, 1, [&](size_t begin, size_t end) {
      for (size_t task = begin; task < end; ++task) run_task(n, from, task);
    });
  }
}

}  // namespace atlas::cpu
