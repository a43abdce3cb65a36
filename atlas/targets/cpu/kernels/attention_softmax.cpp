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
constexpr size_t vectors = channel_block / lanes;

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
HWY_INLINE V greatest_scores(D d, const ScoreTile& tile, size_t r, size_t blocks) {
  float* x = tile.scores + r * tile.stride;
  const MaskedRow& mask = tile.masks[r];
  const size_t whole = mask.end - mask.end % lanes;
  V top = hn::Set(d, masked);
  size_t j = 0;
  if (tile.cap > 0 || mask.added || mask.kept) {
    for (; j < mask.end; j += lanes) {
      const V v = masked_scores(d, hn::LoadU(d, x + j), tile.cap, mask, j, std::min(lanes, mask.end - j));
      top = max_keeping_nan(top, v);
      hn::StoreU(v, d, x + j);
    }
  } else {
    V other = top;
    for (; j + 2 * lanes <= whole; j += 2 * lanes) {
      top = max_keeping_nan(top, hn::LoadU(d, x + j));
      other = max_keeping_nan(other, hn::LoadU(d, x + j + lanes));
    }
    for (; j < whole; j += lanes) top = max_keeping_nan(top, hn::LoadU(d, x + j));
    top = hn::Max(top, other);
    if (j < mask.end) {
      const V v = hn::IfThenElse(hn::FirstN(d, mask.end - j), hn::LoadU(d, x + j), hn::Set(d, masked));
      top = max_keeping_nan(top, v);
      hn::StoreU(v, d, x + j);
      j += lanes;
    }
  }
  for (; j < blocks * channel_block; j += lanes) hn::StoreU(hn::Set(d, masked), d, x + j);
  return top;
}

void exponentials(const ScoreTile& tile) {
  constexpr size_t group = 4;  // rows that share the reductions over lanes
  const D d;
  const hn::FixedTag<float, 4> d4;
  const size_t blocks = ceil_div(tile.keys, channel_block);
  for (size_t first = 0; first < tile.rows; first += group) {
    const size_t rows = std::min(group, tile.rows - first);
    V top[group], sums[group];
    for (size_t r = 0; r < group; ++r) {
      top[r] = r < rows ? greatest_scores(d, tile, first + r, blocks) : hn::Zero(d);
      sums[r] = hn::Zero(d);
    }
    HWY_ALIGN float shifts[group], inverse[group];
    hn::Store(greatest_lanes(d, top[0], top[1], top[2], top[3]), d4, shifts);
    for (size_t r = 0; r < rows; ++r) {
      const V shift = hn::Set(d, shifts[r]);
      const float* x = tile.scores + (first + r) * tile.stride;
      float* to = tile.weights + (first + r) * channel_block;
      V sum = hn::Zero(d), other = hn::Zero(d);
      const size_t step = tile.rows * channel_block;
      size_t block = 0;
      for (; block + 2 <= blocks; block += 2, x += 2 * channel_block, to += 2 * step) {
#pragma GCC unroll 4
        for (size_t s = 0; s < vectors; ++s) {
          const V e = vexp_below_one(d, hn::Sub(hn::LoadU(d, x + s * lanes), shift));
          const V f = vexp_below_one(d, hn::Sub(hn::LoadU(d, x + channel_block + s * lanes), shift));
          sum = hn::Add(sum, e);
          other = hn::Add(other, f);
          hn::StoreU(e, d, to + s * lanes);
          hn::StoreU(f, d, to + step + s * lanes);
        }
      }
      if (block < blocks) {
#pragma GCC unroll 4
        for (size_t s = 0; s < vectors; ++s) {
          const V e = vexp_below_one(d, hn::Sub(hn::LoadU(d, x + s * lanes), shift));
          sum = hn::Add(sum, e);
          hn::StoreU(e, d, to + s * lanes);
        }
      }
      sum = hn::Add(sum, other);
      sums[r] = sum;
    }
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
