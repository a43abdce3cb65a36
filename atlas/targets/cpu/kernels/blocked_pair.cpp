// A task goes down the image a strip of rows at a time, for one panel of channels.
#include "atlas/targets/cpu/kernels/blocked_pair.h"

#include <algorithm>
#include <vector>

#include "atlas/base/error.h"
#include "atlas/targets/cpu/kernels/blocked_conv_run.h"
#include "atlas/targets/cpu/kernels/blocked_depthwise.h"
#include "atlas/targets/cpu/kernels/channel_blocks.h"
#include "atlas/targets/cpu/kernels/pair_strips.h"

namespace atlas::cpu {
namespace {

/// How the channels are cut: whole panels and whole blocks.
struct ChannelCut {
  size_t panels, lanes, tasks;

  explicit ChannelCut(const Panels& all)
      : panels(std::max<size_t>(1, channel_block / all.width)),
        lanes(panels * all.width),
        tasks(ceil_div(all.count, panels)) {}
};

}  // namespace

void blocked_pair(const PairPart& conv, const PairPart& depthwise, const float* input, float* output,
                  ThreadPool& pool) {
  const ConvShape &first = conv.shape, &second = depthwise.shape;
  check(first);
  check(second);
  ensure(first.groups == 1 && second.depthwise() && depthwise.weights.fits(second) &&
             first.out_channels == second.in_channels && first.output() == second.input &&
             second.input[0] == 1 && second.kernel[0] == 1,
         "blocked pair: convolutions that do not fit");
  if (first.batch == 0) return;
  const BlockedConvRun run(first, conv.weights, conv.epilogue);
  const Panels& panels = run.panels();
  const ChannelCut channels(panels);
  // Rows are cut where the channels are not enough for the threads.
  const size_t wanted = pool.size() == 1 ? 1 : ceil_div(3 * pool.size(), channels.tasks * first.batch);
  constexpr size_t strip_bytes = 128 * 1024;
  const RowCut rows(second, channels.lanes, strip_bytes, wanted);
  const Spatial middle = second.input, out = second.output();
  const size_t blocks = channel_blocks(first.out_channels), taps = volume(second.kernel);
  const size_t out_plane = volume(out) * channel_block, image_floats = conv.weights.image_floats(first);
  const std::vector<float> bias = lanes_of(depthwise.epilogue.row_bias, second.out_channels);

  const auto run_task = [&](size_t task) {
    const size_t image = task / channels.tasks / rows.row_tasks;
    const size_t first_panel = task % channels.tasks * channels.panels;
    const size_t end_panel = std::min(first_panel + channels.panels, panels.count);
    const size_t first_block = first_panel * panels.width / channel_block;
    const size_t begin = task / channels.tasks % rows.row_tasks * rows.task_rows;
    walk_pair(
        second, rows,
        {first_block, std::min(blocks, first_block + channels.lanes / channel_block), begin,
         std::min(begin + rows.task_rows, out[1])},
        [&](size_t from, size_t until, float* to, size_t stride) {
          run.compute({0, from * middle[2], until * middle[2], first_panel, end_panel},
                      input + image * image_floats, conv.weights.data(), to, stride, nullptr);
        },
        [&](size_t block, DepthwiseStrip strip) {
          strip.weights = depthwise.weights.data() + block * taps * channel_block;
          strip.bias = bias.data() + block * channel_block;
          strip.output = output + (image * blocks + block) * out_plane + strip.begin * out[2] * channel_block;
          blocked_depthwise_strip(second, strip, depthwise.epilogue);
        });
  };
  pool.parallel_for(first.batch * rows.row_tasks * channels.tasks, 1, [&](size_t begin, size_t end) {
    for (size_t task = begin; task < end; ++task) run_task(task);
  });
}

}  // namespace atlas::cpu
