// Attention of one query, which reads keys and values where they lie: for a few, packing would be more work.
#pragma once

#include <cstddef>

#include "atlas/targets/cpu/kernels/attention_mask.h"
#include "atlas/targets/cpu/kernels/row_tiles.h"

namespace atlas::cpu {

struct QueryAttention {
  const float* query;  // `size` floats
  MatrixView keys;     // rows of `size`, elements side by side
  MatrixView values;   // rows of `value_size`
  size_t size, value_size;
  MaskedRow mask;  // ends behind key 0
  float scale, cap;
  float* memory;  // room for the query filled to whole channel_blocks and mask.end keys to whole score_panels
  float* y;       // `value_size` floats
};

void attend(const QueryAttention& work) noexcept;

}  // namespace atlas::cpu
