// Keys are dotted with the query several at a time; values are added up in registers.
#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "atlas/targets/cpu/kernels/attention_query.cpp"
#include <hwy/foreach_target.h>
// After foreach_target.
#include <algorithm>

#include "atlas/targets/cpu/kernels/attention_query.h"
#include "atlas/targets/cpu/kernels/attention_softmax.h"
#include "atlas/targets/cpu/kernels/blocked_tile.h"
#include "atlas/targets/cpu/kernels/ceil_div.h"
#include "atlas/targets/cpu/kernels/dispatch.h"
#include "atlas/targets/cpu/kernels/lanes-inl.h"
#include "atlas/targets/cpu/kernels/partial-inl.h"

HWY_BEFORE_NAMESPACE();
namespace atlas::cpu {
namespace HWY_NAMESPACE {

using D = hn::ScalableTag<float>;
using V = hn::Vec<D>;

constexpr size_t lanes = hn::MaxLanes(D());

/// scores[j] = query . key j, four keys at a time; writes up to the next multiple of four. The query is
/// filled with zeros to whole vectors.
void dot_keys(const float* query, MatrixView keys, size_t count, size_t size, float* scores) {
  const D d;
  for (size_t j = 0; j < count; j += 4) {
    const float* key[4];
    for (size_t c = 0; c < 4; ++c) key[c] = keys.data + std::min(j + c, count - 1) * keys.row_stride;
    V sum[4] = {hn::Zero(d), hn::Zero(d), hn::Zero(d), hn::Zero(d)};
    size_t i = 0;
    for (; i + lanes <= size; i += lanes) {
      const V x = hn::LoadU(d, query + i);
#pragma GCC unroll 4
      for (size_t c = 0; c < 4; ++c) sum[c] = hn::MulAdd(x, hn::LoadU(d, key[c] + i), sum[c]);
    }
    if (const size_t rest = size - i) {
      const V x = hn::LoadU(d, query + i);
#pragma GCC unroll 4
      for (size_t c = 0; c < 4; ++c) sum[c] = hn::MulAdd(x, load_partial(d, key[c] + i, rest), sum[c]);
    }
    hn::StoreU(sums_of_lanes(d, sum[0], sum[1], sum[2], sum[3]), hn::FixedTag<float, 4>(), scores + j);
  }
}

/// y = factor * sum of weights[j] * value j, for kVectors vectors of it; two sums each.
template <size_t kVectors>
HWY_INLINE void add_strip(const float* weights, const float* values, size_t stride, size_t count,
                          float factor, float* y) {
  const D d;
  V even[kVectors], odd[kVectors];
#pragma GCC unroll 4
  for (size_t v = 0; v < kVectors; ++v) even[v] = odd[v] = hn::Zero(d);
  size_t j = 0;
  for (; j + 2 <= count; j += 2, values += 2 * stride) {
    const V first = hn::Set(d, weights[j]), second = hn::Set(d, weights[j + 1]);
#pragma GCC unroll 4
    for (size_t v = 0; v < kVectors; ++v) {
      even[v] = hn::MulAdd(first, hn::LoadU(d, values + v * lanes), even[v]);
      odd[v] = hn::MulAdd(second, hn::LoadU(d, values + stride + v * lanes), odd[v]);
    }
  }
  if (j < count) {
    const V last = hn::Set(d, weights[j]);
#pragma GCC unroll 4
    for (size_t v = 0; v < kVectors; ++v)
      even[v] = hn::MulAdd(last, hn::LoadU(d, values + v * lanes), even[v]);
  }
#pragma GCC unroll 4
  for (size_t v = 0; v < kVectors; ++v)
    hn::StoreU(hn::Mul(hn::Add(even[v], odd[v]), hn::Set(d, factor)), d, y + v * lanes);
}

void add_values(const float* weights, MatrixView values, size_t count, size_t size, float factor, float* y) {
  const D d;
  size_t i = 0;
  for (; i + 4 * lanes <= size; i += 4 * lanes)
    add_strip<4>(weights, values.data + i, values.row_stride, count, factor, y + i);
  for (; i + lanes <= size; i += lanes)
    add_strip<1>(weights, values.data + i, values.row_stride, count, factor, y + i);
  if (const size_t rest = size - i) {
    V sum = hn::Zero(d);
    for (size_t j = 0; j < count; ++j)
      sum = hn::MulAdd(hn::Set(d, weights[j]), load_partial(d, values.data + i + j * values.row_stride, rest),
                       sum);
    store_partial(hn::Mul(sum, hn::Set(d, factor)), d, y + i, rest);
  }
}

}  // namespace HWY_NAMESPACE
}  // namespace atlas::cpu
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace atlas::cpu {
HWY_EXPORT(dot_keys);
HWY_EXPORT(add_values);

void attend(const QueryAttention& work) noexcept {
  const size_t room = ceil_div(work.size, channel_block) * channel_block, keys = work.mask.end;
  float* query = work.memory;
  float* scores = query + room;
  for (size_t i = 0; i < work.size; ++i) query[i] = work.scale * work.query[i];
  std::fill(query + work.size, query + room, 0.0f);
  ATLAS_DISPATCH(dot_keys)(query, work.keys, keys, work.size, scores);
  // With one row the exponentials may take the place of the scores.
  float inverse_sum = 0;
  exponentials({.rows = 1,
                .keys = keys,
                .scores = scores,
                .panel_stride = score_panel,
                .masks = &work.mask,
                .cap = work.cap,
                .weights = {scores, 0, score_panel, channel_block},
                .inverse_sums = &inverse_sum});
  ATLAS_DISPATCH(add_values)(scores, work.values, keys, work.value_size, inverse_sum, work.y);
}

}  // namespace atlas::cpu
#endif
