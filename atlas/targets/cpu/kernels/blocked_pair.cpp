// A task goes down the image a strip of rows at a time, for one panel of channels. Rows of the image between
// that the next strip reads again are kept.
#include "atlas/targets/cpu/kernels/blocked_pair.h"

#include <algorithm>
#include <vector>

#include "atlas/base/error.h"
#include "atlas/targets/cpu/kernels/blocked_conv_run.h"
#include "atlas/targets/cpu/kernels/blocked_depthwise.h"
#include "atlas/targets/cpu/kernels/channel_blocks.h"
#include "atlas/targets/cpu/kernels/scratch.h"

namespace atlas::cpu {
namespace {

/// How the output is cut.
struct Cut {
  size_t lanes;   // of the channels of a task: whole panels and whole blocks
  size_t panels;  // of a task
  size_t channel_tasks;
  size_t strip_rows;  // of the output
  size_t task_rows;
  size_t row_tasks;

  Cut(const Panels& all, const ConvShape& depthwise, size_t batch, const ThreadPool& pool) {
    constexpr size_t strip_bytes = 128 * 1024;
    panels = std::max<size_t>(1, channel_block / all.width);
    lanes = panels * all.width;
    channel_tasks = ceil_div(all.count, panels);
    const size_t rows = depthwise.output()[1], stride = depthwise.stride[1];
    const size_t row_bytes = depthwise.input[2] * lanes * sizeof(float);
    const size_t inner = std::max<size_t>(strip_bytes / row_bytes, 1), reach = depthwise.reach(1);
    strip_rows = std::clamp<size_t>(inner > reach ? (inner - reach) / stride + 1 : 1, 1, rows);
    // Rows are cut where the channels are not enough for the threads: each cut computes rows twice.
    const size_t wanted = pool.size() == 1 ? 1 : ceil_div(3 * pool.size(), channel_tasks * batch);
    task_rows = ceil_div(rows, std::min(wanted, ceil_div(rows, 2 * reach)));
    strip_rows = std::min(strip_rows, task_rows);
    row_tasks = ceil_div(rows, task_rows);
  }
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
  const Cut cut(panels, second, first.batch, pool);
  const Spatial middle = second.input, out = second.output();
  const size_t blocks = channel_blocks(first.out_channels), taps = volume(second.kernel);
  const size_t row_floats = middle[2] * channel_block, out_plane = volume(out) * channel_block;
  const std::vector<float> bias = lanes_of(depthwise.epilogue.row_bias, second.out_channels);
  const size_t image_floats = conv.weights.image_floats(first);

  const auto run_task = [&](size_t task) {
    const size_t image = task / cut.channel_tasks / cut.row_tasks;
    const size_t first_panel = task % cut.channel_tasks * cut.panels;
    const size_t end_panel = std::min(first_panel + cut.panels, panels.count);
    const size_t first_block = first_panel * panels.width / channel_block;
    const size_t end_block = std::min(blocks, first_block + cut.lanes / channel_block);
    const size_t task_begin = task / cut.channel_tasks % cut.row_tasks * cut.task_rows;
    const size_t task_end = std::min(task_begin + cut.task_rows, out[1]);
    // Rows of the image between, [kept, made) of which are in memory.
    const size_t most_rows = std::min((cut.strip_rows - 1) * second.stride[1] + second.reach(1), middle[1]);
    const size_t block_floats = most_rows * row_floats;
    Scratch memory((end_block - first_block) * block_floats * sizeof(float));
    auto* between = memory.as<float>();
    size_t kept = 0, made = 0;
    for (size_t begin = task_begin; begin < task_end; begin += cut.strip_rows) {
      const size_t end = std::min(begin + cut.strip_rows, task_end);
      const size_t top = begin * second.stride[1], bottom = (end - 1) * second.stride[1] + second.reach(1);
      const size_t from = std::min(top > second.pad_begin[1] ? top - second.pad_begin[1] : 0, middle[1]);
      const size_t until =
          std::clamp(bottom > second.pad_begin[1] ? bottom - second.pad_begin[1] : 0, from, middle[1]);
      if (made > from)
        for (size_t block = 0; block < end_block - first_block; ++block)
          std::copy(between + block * block_floats + (from - kept) * row_floats,
                    between + block * block_floats + (made - kept) * row_floats,
                    between + block * block_floats);
      kept = from;
      const size_t next = std::max(made, from);
      if (next < until)
        run.compute({0, next * middle[2], until * middle[2], first_panel, end_panel},
                    input + image * image_floats, conv.weights.data(), between + (next - kept) * row_floats,
                    block_floats, nullptr);
      made = std::max(next, until);
      for (size_t block = first_block; block < end_block; ++block) {
        const size_t at = (image * blocks + block) * out_plane + begin * out[2] * channel_block;
        // Row 0 would lie `kept` rows before what is there; only rows that are there are read.
        const float* row_0 = between + (block - first_block) * block_floats - kept * row_floats;
        blocked_depthwise_strip(second,
                                {.image = row_0,
                                 .weights = depthwise.weights.data() + block * taps * channel_block,
                                 .bias = bias.data() + block * channel_block,
                                 .begin = begin,
                                 .end = end,
                                 .output = output + at},
                                depthwise.epilogue);
      }
    }
  };
  pool.parallel_for(first.batch * cut.row_tasks * cut.channel_tasks, 1, [&](size_t begin, size_t end) {
    for (size_t task = begin; task < end; ++task) run_task(task);
  });
}

}  // namespace atlas::cpu
