// Cuts the output into tasks of some positions by some panels of channels, so that what a task reads of the
// image stays in the second cache while the weights of its panels pass.
#include "atlas/targets/cpu/kernels/blocked_conv.h"

#include <algorithm>
#include <optional>
#include <vector>

#include "atlas/base/error.h"
#include "atlas/targets/cpu/kernels/blocked_conv_run.h"
#include "atlas/targets/cpu/kernels/blocked_depthwise.h"
#include "atlas/targets/cpu/kernels/ceil_div.h"
#include "atlas/targets/cpu/kernels/pack_panel.h"
#include "atlas/targets/cpu/kernels/scratch.h"

namespace atlas::cpu {
namespace {

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

void blocked_conv(const ConvShape& shape, const PackedBlockedConv& weights, Numbers<const std::byte> images,
                  const float* factors, Numbers<std::byte> results, const Epilogue& epilogue,
                  ThreadPool& pool) {
  check(shape);
  if (shape.batch == 0 || shape.out_channels == 0) return;
  if (shape.depthwise()) {
    ensure(weights.fits(shape) && !factors, "blocked convolution: weights were packed for another shape");
    return blocked_depthwise(shape, weights.data(), images, results, epilogue, pool);
  }
  ensure(!images.rounded && !results.rounded, "blocked convolution: an image that is not f32");
  const float* input = images.as<float>();
  float* output = results.as<float>();
  const BlockedConvRun run(shape, weights, epilogue);
  const bool plain = weights.layout_ == ImageLayout::Plain;
  ensure(!factors || (!plain && shape.groups == 1),
         "blocked convolution: factors beside a plain image or groups");
  const Steps& steps = run.steps();
  const Panels& panels = run.panels();
  const size_t positions = run.positions(), group_in_floats = shape.group_in() * volume(shape.input);
  const size_t group_out_floats = panels.all_lanes * positions;
  const size_t image_floats = weights.image_floats(shape);
  const Grid grid(shape, panels, weights.kernel_->rows, positions, steps.count(), pool);
  // It takes fewer products to scale the weights than the image.
  std::optional<Scratch> scaled;
  if (factors) scaled.emplace(weights.bytes());
  const float* packed = weights.data();
  for (size_t n = 0; n < shape.batch; ++n) {
    if (factors) {
      pool.parallel_for(panels.count, 1 + 16384 / (panels.width * steps.count()),
                        [&](size_t begin, size_t end) {
                          for (size_t panel = begin; panel < end; ++panel) {
                            const size_t at = panel * panels.width * steps.count();
                            scale_steps(steps, panels.vectors(panel) * panels.lanes, weights.data() + at,
                                        factors + n * steps.blocks * channel_block, scaled->as<float>() + at);
                          }
                        });
      packed = scaled->as<float>();
    }
    const auto run_task = [&](size_t task) {
      const size_t first_panel = task % grid.panel_tasks * grid.task_panels;
      const size_t chunk = task / grid.panel_tasks % grid.chunks,
                   group = task / grid.panel_tasks / grid.chunks;
      const auto position = [&](size_t tile) { return std::min(tile, grid.tiles) * positions / grid.tiles; };
      const BlockedConvRun::Part part{group, position(chunk * grid.chunk_tiles),
                                      position((chunk + 1) * grid.chunk_tiles), first_panel,
                                      std::min(first_panel + grid.task_panels, panels.count)};
      const size_t at = (n * shape.groups + group) * group_out_floats +
                        first_panel * panels.width * positions + part.first_position * channel_block;
      run.compute(part, input + n * image_floats + group * group_in_floats, packed, output + at,
                  positions * channel_block, epilogue.residual ? epilogue.residual + at : nullptr);
    };
    pool.parallel_for(shape.groups * grid.chunks * grid.panel_tasks, 1, [&](size_t begin, size_t end) {
      for (size_t task = begin; task < end; ++task) run_task(task);
    });
  }
}

}  // namespace atlas::cpu
