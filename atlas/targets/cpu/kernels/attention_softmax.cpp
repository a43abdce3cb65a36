// What does not count is -infinity before the exponentials, up to a whole block: no loop has a tail then.
#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "atlas/targets/cpu/kernels/attention_softmax.cpp"
#include <hwy/foreach_target.h>
// After foreach_target.
#include <algorithm>
#include <limits>

#include "atlas/targets/cpu/kernels/attention_softmax.h"
#include "atlas/targets/cpu/kernels/blocked_tile.h"
#include "atlas/targets/cpu/kernels/ceil_div.h"
#include "atlas/targets/cpu/kernels/dispatch.h"
#include "atlas/targets/cpu/kernels/lanes-inl.h"
#include "atlas/targets/cpu/kernels/partial-inl.h"
#include "atlas/targets/cpu/kernels/vmath-inl.h"

HWY_BEFORE_NAMESPACE();
namespace atlas::cpu {
namespace HWY_NAMESPACE {

using D = hn::ScalableTag<float>;
using V = hn::Vec<D>;

constexpr float masked = -std::numeric_limits<float>::infinity();
constexpr size_t lanes = hn::MaxLanes(D());

/// The score of `count` keys from key j on, of which whole vectors can be read.
HWY_INLINE V masked_scores(D d, V x, float cap, const MaskedRow& mask, size_t j, size_t count) {
  if (cap > 0) x = hn::Mul(hn::Set(d, cap), vtanh(d, hn::Div(x, hn::Set(d, cap))));
  if (mask.added)
    x = hn::Add(x, count == lanes ? hn::LoadU(d, mask.added + j) : load_partial(d, mask.added + j, count));
  if (mask.kept) {
    const hn::Rebind<uint8_t, D> bytes;
    const hn::RebindToUnsigned<D> du;
    const auto kept =
        count == lanes ? hn::LoadU(bytes, mask.kept + j) : load_partial(bytes, mask.kept + j, count);
    const auto seen = hn::Ne(hn::PromoteTo(du, kept), hn::Zero(du));
    x = hn::IfThenElse(hn::RebindMask(d, seen), x, hn::Set(d, masked));
  }
  return count == lanes ? x : hn::IfThenElse(hn::FirstN(d, count), x, hn::Set(d, masked));
}

/// Masks a row, and gives the greatest scores of each lane.
HWY_INLINE V greatest_scores(D d, const ScoreTile& tile, size_t r, size_t panels) {
  float* x = tile.scores + r * score_panel;
  const MaskedRow& mask = tile.masks[r];
  V top = hn::Set(d, masked), other = top;
  size_t panel = 0;
  if (tile.cap <= 0 && !mask.added && !mask.kept)
    for (; panel < mask.end / score_panel; ++panel, x += tile.panel_stride)
#pragma GCC unroll 4
      for (size_t s = 0; s < score_panel; s += 2 * lanes) {
        top = max_keeping_nan(top, hn::LoadU(d, x + s));
        other = max_keeping_nan(other, hn::LoadU(d, x + s + lanes));
      }
  for (; panel < panels; ++panel, x += tile.panel_stride)
    for (size_t s = 0; s < score_panel; s += lanes) {
      const size_t j = panel * score_panel + s;
      const V v = j < mask.end ? masked_scores(d, hn::LoadU(d, x + s), tile.cap, mask, j,
                                               std::min(lanes, mask.end - j))
                               : hn::Set(d, masked);
      top = max_keeping_nan(top, v);
      hn::StoreU(v, d, x + s);
    }
  return max_keeping_nan(top, other);
}

/// Writes the exponentials of a row, and gives their sums in each lane.
HWY_INLINE V write_exponentials(D d, const ScoreTile& tile, size_t r, float greatest, size_t blocks) {
  const V shift = hn::Set(d, greatest);
  const float* x = tile.scores + r * score_panel;
  float* to = tile.weights.data + r * tile.weights.row_step;
  V sum = hn::Zero(d), other = hn::Zero(d);
  size_t block = 0;
  for (; block + 2 <= blocks; block += 2, x += tile.panel_stride, to += tile.weights.panel_step) {
    float* half = to + tile.weights.half_step;
#pragma GCC unroll 4
    for (size_t s = 0; s < channel_block; s += lanes) {
      const V e = vexp_below_one(d, hn::Sub(hn::LoadU(d, x + s), shift));
      const V f = vexp_below_one(d, hn::Sub(hn::LoadU(d, x + channel_block + s), shift));
      sum = hn::Add(sum, e);
      other = hn::Add(other, f);
      hn::StoreU(e, d, to + s);
      hn::StoreU(f, d, half + s);
    }
  }
  if (block < blocks)
#pragma GCC unroll 4
    for (size_t s = 0; s < channel_block; s += lanes) {
      const V e = vexp_below_one(d, hn::Sub(hn::LoadU(d, x + s), shift));
      sum = hn::Add(sum, e);
      hn::StoreU(e, d, to + s);
    }
  return hn::Add(sum, other);
}

void exponentials(const ScoreTile& tile) {
  constexpr size_t group = 4;  // rows that share the reductions over lanes
  const D d;
  const hn::FixedTag<float, 4> d4;
  const size_t panels = ceil_div(tile.keys, score_panel), blocks = ceil_div(tile.keys, channel_block);
  for (size_t first = 0; first < tile.rows; first += group) {
    const size_t rows = std::min(group, tile.rows - first);
    V top[group], sums[group];
    for (size_t r = 0; r < group; ++r) {
      top[r] = r < rows ? greatest_scores(d, tile, first + r, panels) : hn::Zero(d);
      sums[r] = hn::Zero(d);
    }
    HWY_ALIGN float greatest[group], inverse[group];
    hn::Store(greatest_lanes(d, top[0], top[1], top[2], top[3]), d4, greatest);
    for (size_t r = 0; r < rows; ++r) sums[r] = write_exponentials(d, tile, first + r, greatest[r], blocks);
    hn::Store(hn::Div(hn::Set(d4, 1.0f), sums_of_lanes(d, sums[0], sums[1], sums[2], sums[3])), d4, inverse);
    std::copy_n(inverse, rows, tile.inverse_sums + first);
  }
}

void multiply_rows(float* rows, size_t stride, size_t count, size_t n, const float* factors) {
  const D d;
  for (size_t r = 0; r < count; ++r, rows += stride) {
    const V by = hn::Set(d, factors[r]);
    size_t i = 0;
    for (; i + lanes <= n; i += lanes) hn::StoreU(hn::Mul(by, hn::LoadU(d, rows + i)), d, rows + i);
    for (; i < n; ++i) rows[i] *= factors[r];
  }
}

}  // namespace HWY_NAMESPACE
}  // namespace atlas::cpu
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace atlas::cpu {
HWY_EXPORT(exponentials);
HWY_EXPORT(multiply_rows);

void exponentials(const ScoreTile& tile) noexcept {
  ATLAS_DISPATCH(exponentials)(tile);
}

void multiply_rows(float* rows, size_t stride, size_t count, size_t n, const float* factors) noexcept {
  ATLAS_DISPATCH(multiply_rows)(rows, stride, count, n, factors);
}

}  // namespace atlas::cpu
#endif
