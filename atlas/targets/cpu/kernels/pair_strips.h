// The walk of a convolution and the depthwise one behind it down an image, a strip of rows at a time.
#pragma once

#include <cstddef>

#include "atlas/base/function_ref.h"
#include "atlas/targets/cpu/kernels/blocked_depthwise.h"
#include "atlas/targets/cpu/kernels/conv_shape.h"

namespace atlas::cpu {

/// How the rows of the output are cut.
struct RowCut {
  size_t strip_rows, task_rows, row_tasks;

  /// The image between, `lanes` channels of it, takes about `strip_bytes` for a strip. With more than one of
  /// `wanted` tasks, rows at their borders are computed twice.
  RowCut(const ConvShape& depthwise, size_t lanes, size_t strip_bytes, size_t wanted);
};

/// Blocks [first_block, end_block) of channels of output rows [begin, end).
struct PairTask {
  size_t first_block, end_block, begin, end;
};

/// On the calling thread. `make` computes rows [from, until) of the image between, all blocks of the task, to
/// `to`, where blocks lie `stride` floats apart; each row is made once, and kept while it is read. `finish`
/// gets every block of every strip, image and rows set.
void walk_pair(const ConvShape& depthwise, const RowCut& cut, const PairTask& task,
               FunctionRef<void(size_t from, size_t until, float* to, size_t stride)> make,
               FunctionRef<void(size_t block, DepthwiseStrip strip)> finish);

}  // namespace atlas::cpu
