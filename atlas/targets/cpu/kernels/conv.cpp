// Convolution as a product of the weights with panels gathered from the input, a cache-sized block at a time.
#include "atlas/targets/cpu/kernels/conv.h"

#include <algorithm>
#include <optional>
#include <vector>

#include "atlas/base/error.h"
#include "atlas/targets/cpu/kernels/ceil_div.h"
#include "atlas/targets/cpu/kernels/conv_planes.h"
#include "atlas/targets/cpu/kernels/depthwise.h"
#include "atlas/targets/cpu/kernels/pack_panel.h"
#include "atlas/targets/cpu/kernels/scratch.h"

namespace atlas::cpu {
namespace {

constexpr size_t k_block = 256;       // steps whose panel fits the first cache
constexpr size_t widest_block = 256;  // columns that one task gathers: with k_block steps 256 KiB

/// How the output of one group is cut into tasks.
struct Grid {
  size_t panels_per_task, column_tasks, stack_tiles, row_tasks;

  /// Columns first, for every row task gathers its columns anew.
  Grid(size_t tiles, size_t width, size_t columns, size_t groups, double flops, const ThreadPool& pool) {
    constexpr double flops_worth_a_task = 200e3;
    const double worth = std::max(1.0, flops / flops_worth_a_task);
    const size_t wanted =
        pool.size() == 1 ? 1 : static_cast<size_t>(std::min(worth, 4.0 * static_cast<double>(pool.size())));
    const size_t panels = ceil_div(columns, width);
    const size_t tasks = std::max(ceil_div(panels * width, widest_block), ceil_div(wanted, groups));
    panels_per_task = ceil_div(panels, std::min(panels, tasks));
    column_tasks = ceil_div(panels, panels_per_task);
    const size_t fewest = std::min(wanted, pool.size());
    const size_t stacks = std::min(ceil_div(fewest, column_tasks * groups), tiles);
    stack_tiles = ceil_div(tiles, stacks);
    row_tasks = ceil_div(tiles, stack_tiles);
  }
};

std::vector<size_t> group_offsets(const ConvShape& shape, const ConvPlanes& planes) {
  const size_t taps = volume(shape.kernel);
  std::vector<size_t> offsets(shape.group_in() * taps);
  planes.tap_offsets(shape, offsets.data());
  for (size_t i = taps; i < offsets.size(); ++i) offsets[i] = offsets[i - taps] + planes.channel_size;
  return offsets;
}

}  // namespace

PackedConv::PackedConv(const ConvShape& shape, const float* weights)
    : PackedConv(
          shape, [&] { return weights; }, plain_packer()) {}

PackedConv::PackedConv(const ConvShape& shape, WeightFinder weights, Packer& packer)
    : out_channels_(shape.out_channels), group_in_(shape.group_in()), taps_(volume(shape.kernel)) {
  if (group_in_ == 1) {
    const size_t count = out_channels_ * taps_;
    depthwise_ = packer.pack(count * sizeof(float), [&](std::byte* to) {
      std::copy_n(weights(), count, reinterpret_cast<float*>(to));
    });
    return;
  }
  kernel_ = &blocked_kernel();
  const size_t rows = shape.group_out(), k = group_in_ * taps_;
  for (size_t first = 0; first < k; first += k_block)
    group_size_ += RowTiles(*kernel_, rows, std::min(k_block, k - first)).size();
  groups_ = packer.pack((group_size_ * shape.groups + pack_slack) * sizeof(float), [&](std::byte* memory) {
    auto* to = reinterpret_cast<float*>(memory);
    for (size_t group = 0; group < shape.groups; ++group)
      for (size_t first = 0; first < k; first += k_block) {
        const RowTiles tiles(*kernel_, rows, std::min(k_block, k - first));
        pack_rows(tiles, {weights() + group * rows * k + first, k, 1}, 1, to);
        to += tiles.size();
      }
  });
}

void conv(const ConvShape& shape, const PackedConv& weights, const float* input, float* output,
          const Epilogue& epilogue, ThreadPool& pool) {
  check(shape);
  ensure(weights.out_channels_ == shape.out_channels && weights.group_in_ == shape.group_in() &&
             weights.taps_ == volume(shape.kernel),
         "conv: weights were packed for another shape");
  const Spatial out = shape.output();
  const size_t columns = volume(out), input_size = volume(shape.input), rows = shape.group_out();
  if (shape.batch == 0 || rows == 0) return;
  if (!weights.groups_) {
    if (shape.group_in() == 1)
      depthwise_conv(shape, reinterpret_cast<const float*>(weights.depthwise_.get()), input, output, epilogue,
                     pool);
    return;
  }

  const BlockedKernel& kernel = *weights.kernel_;
  const size_t width = kernel.panel_lanes(), all_k = shape.group_in() * volume(shape.kernel);
  const double flops = 2.0 * static_cast<double>(shape.out_channels) * static_cast<double>(columns) *
                       static_cast<double>(all_k);
  const Grid grid(ceil_div(rows, kernel.rows), width, columns, shape.groups, flops, pool);
  const bool direct = shape.pointwise();
  const ConvPlanes planes(shape);
  const std::vector<size_t> taps = direct ? std::vector<size_t>() : group_offsets(shape, planes);
  std::optional<Scratch> split_memory;
  if (!direct) split_memory.emplace((shape.in_channels * planes.channel_size + plane_slack) * sizeof(float));
  float* split = direct ? nullptr : split_memory->as<float>();

  for (size_t image = 0; image < shape.batch; ++image) {
    const float* from = input + image * shape.in_channels * input_size;
    float* to = output + image * shape.out_channels * columns;
    if (!direct) {
      const size_t grain = 32768 / (planes.channel_size + 1) + 1;
      pool.parallel_for(shape.in_channels, grain, [&](size_t begin, size_t end) {
        for (size_t c = begin; c < end; ++c)
          planes.split(from + c * input_size, 0, split + c * planes.channel_size);
      });
      std::fill_n(split + shape.in_channels * planes.channel_size, plane_slack, 0.0f);
    }
    const auto run_task = [&](size_t task, float* panels) {
      const size_t column_task = task / grid.row_tasks % grid.column_tasks;
      const size_t group = task / grid.row_tasks / grid.column_tasks;
      const size_t column = column_task * grid.panels_per_task * width;
      const size_t task_columns = std::min(grid.panels_per_task * width, columns - column);
      const float* packed =
          reinterpret_cast<const float*>(weights.groups_.get()) + group * weights.group_size_;
      Epilogue own = epilogue;
      own.residual_stride = columns;
      if (own.residual) own.residual += image * shape.out_channels * columns;
      for (size_t first_k = 0; first_k < all_k; first_k += k_block) {
        const size_t k = std::min(k_block, all_k - first_k);
        for (size_t j = 0; j < task_columns; j += width) {
          const size_t panel_columns = std::min(width, task_columns - j);
          const size_t filled = ceil_div(panel_columns, kernel.lanes) * kernel.lanes;
          float* panel = panels + j * k;
          if (direct)
            pack_panel(from + (group * all_k + first_k) * columns + column + j, 1, columns, panel_columns, k,
                       filled, panel);
          else
            pack_taps(planes, out, split + group * shape.group_in() * planes.channel_size,
                      taps.data() + first_k, k, column + j, panel_columns, filled, panel);
        }
        const RowTiles tiles(kernel, rows, k);
        const size_t begin = task % grid.row_tasks * grid.stack_tiles;
        const size_t end = std::min(begin + grid.stack_tiles, tiles.count),
                     row = group * rows + tiles.first(begin);
        for (size_t j = 0; j < task_columns; j += width) {
          const size_t panel_columns = std::min(width, task_columns - j);
          float* c = to + row * columns + column + j;
          multiply({.kernel = kernel,
                    .tiles = tiles,
                    .begin = begin,
                    .end = end,
                    .a = packed + first_k * rows,
                    .panel = panels + j * k,
                    .columns = panel_columns,
                    .c = c,
                    .c_stride = columns,
                    .residual = first_k == 0 ? nullptr : c,
                    .residual_stride = columns});
          if (first_k + k == all_k)
            apply(own.at(row, column + j), c, columns, tiles.first(end) - tiles.first(begin), panel_columns);
        }
      }
    };
    pool.parallel_for(shape.groups * grid.column_tasks * grid.row_tasks, 1, [&](size_t begin, size_t end) {
      Scratch panels((grid.panels_per_task * width * k_block + plane_slack) * sizeof(float));
      for (size_t task = begin; task < end; ++task) run_task(task, panels.as<float>());
    });
  }
}

}  // namespace atlas::cpu
