// The softmax in the middle of attention, which leaves its division to the end.
#pragma once

#include <cstddef>

#include "atlas/targets/cpu/kernels/attention_mask.h"

namespace atlas::cpu {

/// Some rows of scores, and where their exponentials go: a tile of the left operand of the product with the
/// values.
struct ScoreTile {
  size_t rows;
  size_t keys;             // of the product; no row's mask ends behind them
  float* scores;           // [rows][stride], changed on the way
  size_t stride;           // at least `keys` filled to whole channel_blocks
  const MaskedRow* masks;  // one for each row
  float cap;               // as AttentionOptions
  float* weights;          // [keys / channel_block, the last filled up][rows][channel_block]
  float* inverse_sums;     // one for each row
};

/// Writes e^(score - greatest score of the row), 0 where masked, and for each row 1 / their sum: NaN where
/// all are masked, or one is NaN.
void exponentials(const ScoreTile& tile) noexcept;

/// Multiplies `count` rows of n, `stride` floats apart, by a factor each.
void multiply_rows(float* rows, size_t stride, size_t count, size_t n, const float* factors) noexcept;

}  // namespace atlas::cpu
