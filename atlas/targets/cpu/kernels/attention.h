// Attention over heads that lie somewhere in memory: softmax(scale Q K^T + mask) V.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>

#include "atlas/base/thread_pool.h"
#include "atlas/targets/cpu/kernels/attention_mask.h"
#include "atlas/targets/cpu/kernels/row_tiles.h"

namespace atlas::cpu {

/// Floats from one image, head and row to the next; the elements of a row lie side by side.
struct HeadStrides {
  size_t batch = 0, head = 0, row = 0;

  size_t at(size_t b, size_t h, size_t i) const { return b * batch + h * head + i * row; }
};

/// Queries, keys or values.
struct HeadsView {
  const float* data = nullptr;
  HeadStrides strides;

  const float* row(size_t b, size_t h, size_t i) const { return data + strides.at(b, h, i); }
  MatrixView matrix(size_t b, size_t h, size_t i = 0) const { return {row(b, h, i), strides.row, 1}; }
};

struct AttentionShape {
  size_t batch = 0, heads = 0;
  size_t kv_heads = 0;  // divides heads: neighbouring heads share keys and values
  size_t queries = 0, keys = 0;
  size_t size = 0;        // of a query and a key
  size_t value_size = 0;  // of a value and a result
};

struct AttentionOptions {
  float scale = 1;
  float cap = 0;  // above 0: a score s becomes cap * tanh(s / cap) before the mask
  AttentionMask mask;
  bool rounds = false;  // the factors of both products, to bfloat16; not for a few queries
};

/// y, [batch, heads, queries, value_size] by `y_strides`, overlaps no input. A query all of whose keys are
/// masked gives NaN, one without any key 0. The work is shared by the threads of `pool`.
void attention(const AttentionShape& shape, const HeadsView& q, const HeadsView& k, const HeadsView& v,
               const AttentionOptions& options, float* y, HeadStrides y_strides, ThreadPool& pool);

}  // namespace atlas::cpu
