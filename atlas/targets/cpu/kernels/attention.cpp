// Keys and values are packed once for all queries that share them; a block of queries then meets all keys,
// and its weights all values, while they are in the second cache.
#include "atlas/targets/cpu/kernels/attention.h"

#include <limits>
#include <memory>

#include "atlas/targets/cpu/kernels/attention_products.h"
#include "atlas/targets/cpu/kernels/attention_query.h"
#include "atlas/targets/cpu/kernels/attention_softmax.h"
#include "atlas/targets/cpu/kernels/bf16_kernel.h"
#include "atlas/targets/cpu/kernels/scratch.h"

namespace atlas::cpu {
namespace {

constexpr size_t most_tile_rows = std::max(BlockedKernel::max_rows, Bf16Kernel::max_rows);

size_t whole_blocks(size_t n) {
  return ceil_div(n, channel_block) * channel_block;
}

class Attention {
 public:
  Attention(const AttentionShape& shape, const HeadsView& q, const HeadsView& k, const HeadsView& v,
            const AttentionOptions& options, float* y, HeadStrides y_strides)
      : shape_(shape), q_(q), k_(k), v_(v), options_(options), y_(y), y_strides_(y_strides) {}

  void run(ThreadPool& pool) const {
    constexpr size_t few = 4;
    if (shape_.queries <= few || shape_.size == 0) return run_few_queries(pool);
    // Blocks of about equally many queries, each a whole head's or fewer.
    const size_t blocks = ceil_div(shape_.queries, rows_at_once());
    const size_t per_head = shape_.heads / shape_.kv_heads, units = per_head * blocks;
    // A task packs keys and values for itself, so that a head is only cut where threads would be idle.
    const size_t groups = shape_.batch * shape_.kv_heads, wanted = pool.size() == 1 ? 1 : 2 * pool.size();
    const size_t cuts = std::min(units, ceil_div(wanted, groups));
    pool.parallel_for(groups * cuts, 1, [&](size_t begin, size_t end) {
      for (size_t i = begin; i < end; ++i) {
        const size_t cut = i % cuts, group = i / cuts;
        run_units(group / shape_.kv_heads, group % shape_.kv_heads, blocks, cut * units / cuts,
                  (cut + 1) * units / cuts);
      }
    });
  }

 private:
  // A whole tile at least, and more where their scores and weights stay in the second cache with the keys and
  // values: a panel then serves several tiles.
  size_t rows_at_once() const {
    constexpr size_t scores_at_once = 24 * 1024;
    size_t rows = scores_at_once / std::max<size_t>(1, shape_.keys);
    // A block computes what its last query sees: where each sees more than the one before, large ones waste.
    if (options_.mask.causal) rows = std::min(rows, shape_.queries / 8);
    return std::max<size_t>(1, rows / tile_rows_) * tile_rows_;
  }

  void run_few_queries(ThreadPool& pool) const {
    const size_t heads = shape_.batch * shape_.heads, per_head = shape_.heads / shape_.kv_heads;
    constexpr size_t floats_per_task = 16384;
    const size_t floats = shape_.keys * (shape_.size + shape_.value_size);
    pool.parallel_for(
        heads * shape_.queries, floats_per_task / (floats + 1) + 1, [&](size_t begin, size_t end) {
          Scratch memory((whole_blocks(shape_.size) + ceil_div(shape_.keys, score_panel) * score_panel) *
                         sizeof(float));
          for (size_t at = begin; at < end; ++at) {
            const size_t i = at % shape_.queries, h = at / shape_.queries % shape_.heads,
                         b = at / shape_.queries / shape_.heads;
            float* y = y_ + y_strides_.at(b, h, i);
            const MaskedRow mask = options_.mask.row(b, h, i, shape_.keys);
            if (mask.end == 0) {
              fill_unseen(y, 1);
              continue;
            }
            attend({.query = q_.row(b, h, i),
                    .keys = k_.matrix(b, h / per_head),
                    .values = v_.matrix(b, h / per_head),
                    .size = shape_.size,
                    .value_size = shape_.value_size,
                    .mask = mask,
                    .scale = options_.scale,
                    .cap = options_.cap,
                    .memory = memory.as<float>(),
                    .y = y});
          }
        });
  }

  // Queries that see no key.
  void fill_unseen(float* y, size_t rows) const {
    const float value = shape_.keys == 0 ? 0 : std::numeric_limits<float>::quiet_NaN();
    for (size_t i = 0; i < rows; ++i) std::fill_n(y + i * y_strides_.row, shape_.value_size, value);
  }

  // Blocks [begin, end) of the queries that share a head of keys, counted over all of their heads.
  void run_units(size_t b, size_t kv_head, size_t blocks, size_t begin, size_t end) const {
    const size_t seen = options_.mask.end(b, shape_.queries - 1, shape_.keys);
    const size_t rows = ceil_div(shape_.queries, blocks);
    // A line more than what is written: a row's places in all panels do not share a set of the cache.
    const size_t panel_stride = (rows + score_slack_rows) * score_panel + channel_block;
    const std::unique_ptr<HeadProducts> products =
        (options_.rounds ? bf16_head : f32_head)({rows, seen, shape_.size, shape_.value_size}, options_.scale,
                                                 k_.matrix(b, kv_head).transposed(), v_.matrix(b, kv_head));
    Scratch memory((ceil_div(seen, score_panel) * panel_stride + whole_blocks(rows)) * sizeof(float));
    for (size_t unit = begin; unit < end; ++unit) {
      const size_t block = unit % blocks, first = block * shape_.queries / blocks;
      const size_t h = kv_head * (shape_.heads / shape_.kv_heads) + unit / blocks;
      attend_block(b, h, first, (block + 1) * shape_.queries / blocks - first, *products, memory.as<float>(),
                   panel_stride);
    }
  }

  // `memory` has room for the panels of scores behind a float for each row.
  void attend_block(size_t b, size_t h, size_t first, size_t rows, HeadProducts& products, float* memory,
                    size_t panel_stride) const {
    float* y = y_ + y_strides_.at(b, h, first);
    // Keys that the last query does not see are seen by none of the block.
    const size_t seen = options_.mask.end(b, first + rows - 1, shape_.keys);
    if (seen == 0) return fill_unseen(y, rows);
    float* scores = memory + whole_blocks(rows);
    float* inverse_sums = memory;
    products.multiply_keys(q_.matrix(b, h, first), rows, seen, scores, panel_stride);
    MaskedRow masks[most_tile_rows];
    const RowTiles tiles = products.tiles(rows, seen);
    for (size_t tile = 0; tile < tiles.count; ++tile) {
      const size_t row = tiles.first(tile), count = tiles.first(tile + 1) - row;
      for (size_t i = 0; i < count; ++i) masks[i] = options_.mask.row(b, h, first + row + i, shape_.keys);
      exponentials({.rows = count,
                    .keys = seen,
                    .scores = scores + row * score_panel,
                    .panel_stride = panel_stride,
                    .masks = masks,
                    .cap = options_.cap,
                    .weights = products.weights(row, count),
                    .inverse_sums = inverse_sums + row});
    }
    products.multiply_values(rows, seen, y, y_strides_.row);
    multiply_rows(y, y_strides_.row, rows, shape_.value_size, inverse_sums);
  }

  const AttentionShape& shape_;
  const HeadsView &q_, &k_, &v_;
  const AttentionOptions& options_;
  float* y_;
  HeadStrides y_strides_;
  size_t tile_rows_ = options_.rounds ? bf16_kernel().rows : blocked_kernel().rows;
};

}  // namespace

void attention(const AttentionShape& shape, const HeadsView& q, const HeadsView& k, const HeadsView& v,
               const AttentionOptions& options, float* y, HeadStrides y_strides, ThreadPool& pool) {
  if (shape.batch == 0 || shape.heads == 0 || shape.queries == 0 || shape.value_size == 0) return;
  Attention(shape, q, k, v, options, y, y_strides).run(pool);
}

}  // namespace atlas::cpu
