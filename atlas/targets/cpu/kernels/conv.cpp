// Convolution as a product of the weights with panels gathered from the input, a cache-sized block at a time.
#include "atlas/targets/cpu/kernels/conv.h"

#include <algorithm>
#include <optional>

#include "atlas/base/error.h"
#include "atlas/targets/cpu/kernels/ceil_div.h"
#include "atlas/targets/cpu/kernels/conv_planes.h"
#include "atlas/targets/cpu/kernels/depthwise.h"
#include "atlas/targets/cpu/kernels/gemm_block.h"
#include "atlas/targets/cpu/kernels/scratch.h"

namespace atlas::cpu {
namespace {

constexpr size_t widest_block = 256;  // columns that one task gathers: with 256 taps 256 KiB

/// How the output of one group is cut into tasks.
struct Grid {
  size_t panels_per_task, column_tasks, stack_panels, row_tasks;

  /// Columns first, for every row task gathers its columns anew.
  Grid(const PanelLayout& left, size_t width, size_t columns, size_t groups, double flops,
       const ThreadPool& pool) {
    constexpr double flops_worth_a_task = 200e3;
    const double worth = std::max(1.0, flops / flops_worth_a_task);
    const size_t wanted =
        pool.size() == 1 ? 1 : static_cast<size_t>(std::min(worth, 4.0 * static_cast<double>(pool.size())));
    const size_t panels = ceil_div(columns, width);
    const size_t tasks = std::max(ceil_div(panels * width, widest_block), ceil_div(wanted, groups));
    panels_per_task = ceil_div(panels, std::min(panels, tasks));
    column_tasks = ceil_div(panels, panels_per_task);
    const size_t fewest = std::min(wanted, pool.size());
    const size_t stacks = std::min(ceil_div(fewest, column_tasks * groups), left.panels());
    stack_panels = ceil_div(left.panels(), stacks);
    row_tasks = ceil_div(left.panels(), stack_panels);
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

PackedConv::PackedConv(const ConvShape& shape, const float* weights, ThreadPool& pool)
    : PackedConv(
          shape, [&] { return weights; }, pool, plain_packer()) {}

PackedConv::PackedConv(const ConvShape& shape, WeightFinder weights, ThreadPool& pool, Packer& packer)
    : out_channels_(shape.out_channels), group_in_(shape.group_in()), taps_(volume(shape.kernel)) {
  if (group_in_ == 1) {
    const size_t count = out_channels_ * taps_;
    depthwise_ = packer.pack(count * sizeof(float), [&](std::byte* to) {
      std::copy_n(weights(), count, reinterpret_cast<float*>(to));
    });
    return;
  }
  const size_t rows = shape.group_out(), k = group_in_ * taps_;
  groups_.reserve(shape.groups);
  for (size_t group = 0; group < shape.groups; ++group)
    groups_.push_back(PackedMatrix::left(
        [&] {
          return MatrixView{weights() + group * rows * k, k, 1};
        },
        rows, k, pool, packer));
}

size_t PackedConv::bytes() const {
  size_t bytes = depthwise_ ? out_channels_ * taps_ * sizeof(float) : 0;
  for (const PackedMatrix& group : groups_) bytes += group.bytes();
  return bytes;
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
  if (weights.groups_.empty()) {
    if (shape.group_in() == 1)
      depthwise_conv(shape, reinterpret_cast<const float*>(weights.depthwise_.get()), input, output, epilogue,
                     pool);
    return;
  }

  const GemmKernel& kernel = weights.groups_[0].kernel();
  const PanelLayout& left = weights.groups_[0].layout();
  const size_t width = kernel.columns();
  const double flops = 2.0 * static_cast<double>(shape.out_channels) * static_cast<double>(columns) *
                       static_cast<double>(left.k);
  const Grid grid(left, width, columns, shape.groups, flops, pool);
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
      const size_t row_panel = task % grid.row_tasks * grid.stack_panels;
      const size_t column_task = task / grid.row_tasks % grid.column_tasks;
      const size_t group = task / grid.row_tasks / grid.column_tasks;
      const size_t row = row_panel * left.width, column = column_task * grid.panels_per_task * width;
      const size_t task_columns = std::min(grid.panels_per_task * width, columns - column);
      float* c = to + (group * rows + row) * columns + column;
      Epilogue own = epilogue;
      own.residual_stride = columns;
      if (own.residual) own.residual += image * shape.out_channels * columns;
      own = own.at(group * rows + row, column);
      for (size_t block = 0; block < left.blocks(); ++block) {
        const size_t first_k = block * left.k_block, k = left.block_steps(block);
        for (size_t j = 0; j < task_columns; j += width) {
          const size_t panel_columns = std::min(width, task_columns - j);
          float* panel = panels + j * k;
          if (direct)
            pack_panel(from + (group * left.k + first_k) * columns + column + j, 1, columns, panel_columns, k,
                       width, panel);
          else
            pack_taps(planes, out, split + group * shape.group_in() * planes.channel_size,
                      taps.data() + first_k, k, column + j, panel_columns, width, panel);
        }
        multiply(kernel, {.k = k,
                          .a = weights.groups_[group].data() + left.offset(block, row_panel),
                          .a_width = left.width,
                          .rows = std::min(grid.stack_panels * left.width, rows - row),
                          .b = panels,
                          .columns = task_columns,
                          .c = c,
                          .c_stride = columns,
                          .beta = block == 0 ? 0.0f : 1.0f,
                          .epilogue = block + 1 == left.blocks() && !own.empty() ? &own : nullptr});
      }
    };
    pool.parallel_for(shape.groups * grid.column_tasks * grid.row_tasks, 1, [&](size_t begin, size_t end) {
      Scratch panels((grid.panels_per_task * width * left.k_block + plane_slack) * sizeof(float));
      for (size_t task = begin; task < end; ++task) run_task(task, panels.as<float>());
    });
  }
}

}  // namespace atlas::cpu
