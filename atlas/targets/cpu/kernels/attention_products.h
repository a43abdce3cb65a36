// The two products of attention for one head of keys and values, in f32 or with factors of bfloat16.
#pragma once

#include <cstddef>
#include <memory>

#include "atlas/targets/cpu/kernels/attention_softmax.h"
#include "atlas/targets/cpu/kernels/row_tiles.h"

namespace atlas::cpu {

constexpr size_t score_slack_rows = 32;

/// The most that a head is used with.
struct HeadSizes {
  size_t rows;  // of a block of queries
  size_t keys;
  size_t size;        // of a query and a key
  size_t value_size;  // of a value and a result
};

/// Keys and values packed, with memory for a block of queries. For one thread.
class HeadProducts {
 public:
  virtual ~HeadProducts() = default;

  /// The rows of the tiles into which a block is cut.
  virtual RowTiles tiles(size_t rows, size_t k) const = 0;
  /// The product of each query and key, times the scale, as ScoreTile has it, for the first `keys` keys and,
  /// perhaps, for what fills their last panel; up to score_slack_rows rows behind the last may be written.
  virtual void multiply_keys(MatrixView queries, size_t rows, size_t keys, float* scores,
                             size_t panel_stride) = 0;
  /// Where the weights of a tile of rows go.
  virtual WeightPlaces weights(size_t first_row, size_t rows) = 0;
  /// Once they are there: y = weights * values.
  virtual void multiply_values(size_t rows, size_t keys, float* y, size_t stride) = 0;
};

/// keys: size x keys; values: keys x value_size.
std::unique_ptr<HeadProducts> f32_head(const HeadSizes& sizes, float scale, MatrixView keys,
                                       MatrixView values);
std::unique_ptr<HeadProducts> bf16_head(const HeadSizes& sizes, float scale, MatrixView keys,
                                        MatrixView values);

}  // namespace atlas::cpu
