// The softmax in the middle of attention, which leaves its division to the end.
#pragma once

#include <cstddef>

#include "atlas/targets/cpu/kernels/attention_mask.h"

namespace atlas::cpu {

/// Keys whose scores lie side by side: a panel of the products that make them.
constexpr size_t score_panel = 32;

/// Where the weights of some rows go: of a row and key, to data[row * row_step + panel * panel_step +
/// half * half_step + key], `half` the 16 of the panel's keys, `key` that of the half.
struct WeightPlaces {
  float* data;
  size_t row_step, panel_step, half_step;
};

/// Some rows of scores, and where their exponentials go: to the left operand of the product with the values,
/// or in their own place.
struct ScoreTile {
  size_t rows;
  size_t keys;             // of the product; no row's mask ends behind them
  float* scores;           // [panel][row][score_panel], changed on the way
  size_t panel_stride;     // floats from a panel to the next
  const MaskedRow* masks;  // one for each row
  float cap;               // as AttentionOptions
  WeightPlaces weights;    // whole halves
  float* inverse_sums;     // one for each row
};

/// Writes e^(score - greatest score of the row), 0 where masked, and for each row 1 / their sum: NaN where
/// all are masked, or one is NaN.
void exponentials(const ScoreTile& tile) noexcept;

/// Multiplies `count` rows of n, `stride` floats apart, by a factor each.
void multiply_rows(float* rows, size_t stride, size_t count, size_t n, const float* factors) noexcept;

}  // namespace atlas::cpu
