// Rows of the image between that the next strip reads again are kept.
#include "atlas/targets/cpu/kernels/pair_strips.h"

#include <algorithm>

#include "atlas/targets/cpu/kernels/blocked_tile.h"
#include "atlas/targets/cpu/kernels/ceil_div.h"
#include "atlas/targets/cpu/kernels/scratch.h"

namespace atlas::cpu {

RowCut::RowCut(const ConvShape& depthwise, size_t lanes, size_t strip_bytes, size_t wanted) {
  const size_t rows = depthwise.output()[1], stride = depthwise.stride[1], reach = depthwise.reach(1);
  const size_t row_bytes = depthwise.input[2] * lanes * sizeof(float);
  const size_t inner = std::max<size_t>(strip_bytes / row_bytes, 1);
  strip_rows = std::clamp<size_t>(inner > reach ? (inner - reach) / stride + 1 : 1, 1, rows);
  task_rows = ceil_div(rows, std::min(wanted, ceil_div(rows, 2 * reach)));
  strip_rows = std::min(strip_rows, task_rows);
  row_tasks = ceil_div(rows, task_rows);
}

void walk_pair(const ConvShape& depthwise, const RowCut& cut, const PairTask& task,
               FunctionRef<void(size_t from, size_t until, float* to, size_t stride)> make,
               FunctionRef<void(size_t block, DepthwiseStrip strip)> finish) {
  const size_t height = depthwise.input[1], row_floats = depthwise.input[2] * channel_block;
  const size_t blocks = task.end_block - task.first_block, pad = depthwise.pad_begin[1];
  const size_t most_rows = std::min((cut.strip_rows - 1) * depthwise.stride[1] + depthwise.reach(1), height);
  const size_t block_floats = most_rows * row_floats;
  Scratch memory(blocks * block_floats * sizeof(float));
  auto* between = memory.as<float>();
  size_t kept = 0, made = 0;  // rows [kept, made) of the image between are in memory
  for (size_t begin = task.begin; begin < task.end; begin += cut.strip_rows) {
    const size_t end = std::min(begin + cut.strip_rows, task.end);
    const size_t top = begin * depthwise.stride[1];
    const size_t bottom = (end - 1) * depthwise.stride[1] + depthwise.reach(1);
    const size_t from = std::min(top > pad ? top - pad : 0, height);
    const size_t until = std::clamp(bottom > pad ? bottom - pad : 0, from, height);
    if (made > from)
      for (size_t block = 0; block < blocks; ++block) {
        float* rows = between + block * block_floats;
        std::copy(rows + (from - kept) * row_floats, rows + (made - kept) * row_floats, rows);
      }
    kept = from;
    const size_t next = std::max(made, from);
    if (next < until) make(next, until, between + (next - kept) * row_floats, block_floats);
    made = std::max(next, until);
    // Row 0 would lie `kept` rows before what is there; only rows that are there are read.
    for (size_t block = 0; block < blocks; ++block)
      finish(task.first_block + block,
             {.image = between + block * block_floats - kept * row_floats, .begin = begin, .end = end});
  }
}

}  // namespace atlas::cpu
