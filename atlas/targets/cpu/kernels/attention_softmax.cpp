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
#include "atlas/targets/cpu/kernels/partial-inl.h"
#include "atlas/targets/cpu/kernels/vmath-inl.h"

HWY_BEFORE_NAMESPACE();
namespace atlas::cpu {
namespace HWY_NAMESPACE {

using D = hn::ScalableTag<float>;
using V = hn::Vec<D>;

constexpr float masked = -std::numeric_limits<float>::infinity();
constexpr size_t lanes = hn::MaxLanes(D());
constexpr size_t vectors = channel_block / lanes;

/// The score of `count` keys from key j on, of which whole vectors can be read.
HWY_INLINE V masked_scores(D d, V x, float cap, const MaskedRow& mask, size_t j, size_t count) {
  if (cap > 0) x = hn::Mul(hn::Set(d, cap), vtanh(d, hn::Div(x, hn::Set(d, cap))));
  if (mask.added)
    x = hn::Add(x, count == lanes ? hn::LoadU(d, mask.added + j) : load_partial(d, mask.added + j, count));
  if (mask.kept) {
    const hn::Rebind<uint8_t, D> bytes;
    const hn::RebindToUnsigned<D> du;
    const auto kept = count == lanes ? hn::LoadU(bytes, mask.kept + j)
                                     : load_partial(bytes, mask.kept + j, count);
    const auto seen = hn::Ne(hn::PromoteTo(du, kept), hn::Zero(du));
    x = hn::IfThenElse(hn::RebindMask(d, seen), x, hn::Set(d, masked));
  }
  return count == lanes ? x : hn::IfThenElse(hn::FirstN(d, count), x, hn::Set(d, masked));
}

float greatest(const float* x, size_t blocks) {
  const D d;
  V top[4] = {hn::Set(d, masked), hn::Set(d, masked), hn::Set(d, masked), hn::Set(d, masked)};
  const size_t n = blocks * vectors;
  size_t i = 0;
  for (; i + 4 <= n; i += 4)
#pragma GCC unroll 4
    for (size_t s = 0; s < 4; ++s) top[s] = max_keeping_nan(top[s], hn::LoadU(d, x + (i + s) * lanes));
  for (; i < n; ++i) top[0] = max_keeping_nan(top[0], hn::LoadU(d, x + i * lanes));
  return hn::GetLane(hn::MaxOfLanes(d, hn::Max(hn::Max(top[0], top[1]), hn::Max(top[2], top[3]))));
}

void exponentials(const ScoreTile& tile) {
  const D d;
  const size_t blocks = ceil_div(tile.keys, channel_block);
  for (size_t r = 0; r < tile.rows; ++r) {
    float* x = tile.scores + r * tile.stride;
    const MaskedRow& mask = tile.masks[r];
    if (tile.cap > 0 || mask.added || mask.kept)
      for (size_t j = 0; j < mask.end; j += lanes)
        hn::StoreU(
            masked_scores(d, hn::LoadU(d, x + j), tile.cap, mask, j, std::min(lanes, mask.end - j)), d,
            x + j);
    std::fill(x + mask.end, x + blocks * channel_block, masked);
    const V shift = hn::Set(d, greatest(x, blocks));
    V sums = hn::Zero(d);
    float* to = tile.weights + r * channel_block;
    for (size_t block = 0; block < blocks; ++block, x += channel_block, to += tile.rows * channel_block) {
#pragma GCC unroll 4
      for (size_t s = 0; s < vectors; ++s) {
        const V e = vexp_below_one(d, hn::Sub(hn::LoadU(d, x + s * lanes), shift));
        sums = hn::Add(sums, e);
        hn::StoreU(e, d, to + s * lanes);
      }
    }
    tile.inverse_sums[r] = 1 / hn::GetLane(hn::SumOfLanes(d, sums));
  }
}

void multiply_row(float* row, size_t n, float factor) {
  const D d;
  const V by = hn::Set(d, factor);
  size_t i = 0;
  for (; i + lanes <= n; i += lanes) hn::StoreU(hn::Mul(by, hn::LoadU(d, row + i)), d, row + i);
  for (; i < n; ++i) row[i] *= factor;
}

}  // namespace HWY_NAMESPACE
}  // namespace atlas::cpu
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace atlas::cpu {
HWY_EXPORT(exponentials);
HWY_EXPORT(multiply_row);

void exponentials(const ScoreTile& tile) noexcept {
  ATLAS_DISPATCH(exponentials)(tile);
}

void multiply_row(float* row, size_t n, float factor) noexcept {
  ATLAS_DISPATCH(multiply_row)(row, n, factor);
}

}  // namespace atlas::cpu
#endif
