// A task goes down the image a strip of rows at a time, for all channels: what a strip reads is rounded once.
// Rows of the image between that the next strip reads again are kept.
#include "atlas/targets/cpu/kernels/bf16_pair.h"

#include <algorithm>
#include <vector>

#include "atlas/base/error.h"
#include "atlas/targets/cpu/kernels/bf16_conv_run.h"
#include "atlas/targets/cpu/kernels/blocked_depthwise.h"
#include "atlas/targets/cpu/kernels/channel_blocks.h"
#include "atlas/targets/cpu/kernels/scratch.h"

namespace atlas::cpu {
namespace {

/// How the output is cut.
struct Cut {
  size_t strip_rows, task_rows, row_tasks;

  Cut(const ConvShape& depthwise, size_t blocks, size_t batch, const ThreadPool& pool) {
    constexpr size_t strip_bytes = 384 * 1024;
    const size_t rows = depthwise.output()[1], stride = depthwise.stride[1], reach = depthwise.reach(1);
    const size_t row_bytes = depthwise.input[2] * blocks * channel_block * sizeof(float);
    const size_t inner = std::max<size_t>(strip_bytes / row_bytes, 1);
    strip_rows = std::clamp<size_t>(inner > reach ? (inner - reach) / stride + 1 : 1, 1, rows);
    // Each cut for a thread computes rows twice.
    const size_t wanted = pool.size() == 1 ? 1 : ceil_div(2 * pool.size(), batch);
    task_rows = ceil_div(rows, std::min(wanted, ceil_div(rows, 2 * reach)));
    strip_rows = std::min(strip_rows, task_rows);
    row_tasks = ceil_div(rows, task_rows);
  }
};

}  // namespace

void bf16_pair(const Bf16PairPart& conv, const PairPart& depthwise, Numbers<const std::byte> input,
               Numbers<std::byte> output, ThreadPool& pool) {
  const ConvShape &first = conv.shape, &second = depthwise.shape;
  check(first);
  check(second);
  ensure(first.groups == 1 && second.depthwise() && depthwise.weights.fits(second) &&
             first.out_channels == second.in_channels && first.output() == second.input &&
             second.input[0] == 1 && second.kernel[0] == 1,
         "pair of convolutions that do not fit");
  if (first.batch == 0) return;
  const Bf16ConvRun run(first, conv.weights, conv.epilogue);
  const size_t blocks = channel_blocks(first.out_channels), taps = volume(second.kernel);
  const Cut cut(second, blocks, first.batch, pool);
  const Spatial middle = second.input, out = second.output();
  const size_t row_floats = middle[2] * channel_block, out_row = out[2] * channel_block;
  const std::vector<float> bias = lanes_of(depthwise.epilogue.row_bias, second.out_channels);
  const size_t image_size = conv.weights.image_channels() * volume(first.input);

  const auto run_task = [&](size_t task) {
    const size_t image = task / cut.row_tasks, task_begin = task % cut.row_tasks * cut.task_rows;
    const size_t task_end = std::min(task_begin + cut.task_rows, out[1]);
    // Rows of the image between, [kept, made) of which are in memory.
    const size_t most_rows = std::min((cut.strip_rows - 1) * second.stride[1] + second.reach(1), middle[1]);
    const size_t block_floats = most_rows * row_floats;
    Scratch memory(blocks * block_floats * sizeof(float));
    Scratch results_memory(output.rounded ? cut.strip_rows * out_row * sizeof(float) : 0);
    auto* between = memory.as<float>();
    size_t kept = 0, made = 0;
    for (size_t begin = task_begin; begin < task_end; begin += cut.strip_rows) {
      const size_t end = std::min(begin + cut.strip_rows, task_end);
      const size_t top = begin * second.stride[1], bottom = (end - 1) * second.stride[1] + second.reach(1);
      const size_t from = std::min(top > second.pad_begin[1] ? top - second.pad_begin[1] : 0, middle[1]);
      const size_t until =
          std::clamp(bottom > second.pad_begin[1] ? bottom - second.pad_begin[1] : 0, from, middle[1]);
      if (made > from)
        for (size_t block = 0; block < blocks; ++block)
          std::copy(between + block * block_floats + (from - kept) * row_floats,
                    between + block * block_floats + (made - kept) * row_floats,
                    between + block * block_floats);
      kept = from;
      const size_t next = std::max(made, from);
      if (next < until) {
        auto* to = reinterpret_cast<std::byte*>(between + (next - kept) * row_floats);
        run.compute({0, next, until, 0, conv.weights.panels()},
                    {input.at(image * image_size), nullptr, {}, {to, false}, block_floats});
      }
      made = std::max(next, until);
      for (size_t block = 0; block < blocks; ++block) {
        const Numbers<std::byte> to =
            output.at((image * blocks + block) * out[1] * out_row + begin * out_row);
        float* results = to.rounded ? results_memory.as<float>() : reinterpret_cast<float*>(to.data);
        // Row 0 would lie `kept` rows before what is there; only rows that are there are read.
        const float* row_0 = between + block * block_floats - kept * row_floats;
        blocked_depthwise_strip(second,
                                {.image = row_0,
                                 .weights = depthwise.weights.data() + block * taps * channel_block,
                                 .bias = bias.data() + block * channel_block,
                                 .begin = begin,
                                 .end = end,
                                 .output = results},
                                depthwise.epilogue);
        if (to.rounded)
          bf16_kernel().round(results, (end - begin) * out_row, reinterpret_cast<Bf16*>(to.data));
      }
    }
  };
  pool.parallel_for(first.batch * cut.row_tasks, 1, [&](size_t begin, size_t end) {
    for (size_t task = begin; task < end; ++task) run_task(task);
  });
}

}  // namespace atlas::cpu
