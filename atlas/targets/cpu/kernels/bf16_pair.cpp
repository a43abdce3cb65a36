// A task goes down the image a strip of rows at a time, for all channels: what a strip reads is rounded once.
#include "atlas/targets/cpu/kernels/bf16_pair.h"

#include <algorithm>
#include <vector>

#include "atlas/base/error.h"
#include "atlas/targets/cpu/kernels/bf16_conv_run.h"
#include "atlas/targets/cpu/kernels/blocked_depthwise.h"
#include "atlas/targets/cpu/kernels/channel_blocks.h"
#include "atlas/targets/cpu/kernels/pair_strips.h"
#include "atlas/targets/cpu/kernels/scratch.h"

namespace atlas::cpu {
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
  const size_t wanted = pool.size() == 1 ? 1 : ceil_div(2 * pool.size(), first.batch);
  constexpr size_t strip_bytes = 384 * 1024;
  const RowCut rows(second, blocks * channel_block, strip_bytes, wanted);
  const Spatial out = second.output();
  const size_t out_row = out[2] * channel_block;
  const size_t image_size = conv.weights.image_channels() * volume(first.input);
  const std::vector<float> bias = lanes_of(depthwise.epilogue.row_bias, second.out_channels);

  const auto run_task = [&](size_t task) {
    const size_t image = task / rows.row_tasks, begin = task % rows.row_tasks * rows.task_rows;
    walk_pair(
        second, rows, {0, blocks, begin, std::min(begin + rows.task_rows, out[1])},
        [&](size_t from, size_t until, float* to, size_t stride) {
          run.compute(
              {0, from, until, 0, conv.weights.panels()},
              {input.at(image * image_size), {}, {}, {reinterpret_cast<std::byte*>(to), false}, stride});
        },
        [&](size_t block, DepthwiseStrip strip) {
          strip.weights = depthwise.weights.data() + block * taps * channel_block;
          strip.bias = bias.data() + block * channel_block;
          strip.output = output.at(((image * blocks + block) * out[1] + strip.begin) * out_row);
          blocked_depthwise_strip(second, strip, depthwise.epilogue);
        });
  };
  pool.parallel_for(first.batch * rows.row_tasks, 1, [&](size_t begin, size_t end) {
    for (size_t task = begin; task < end; ++task) run_task(task);
  });
}

}  // namespace atlas::cpu
