// A vector at a time.
#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "atlas/targets/cpu/kernels/quantize.cpp"
#include <hwy/foreach_target.h>
// After foreach_target.
#include <hwy/highway.h>

#include <algorithm>
#include <cmath>
#include <cstring>
#include <limits>

#include "atlas/targets/cpu/kernels/dispatch.h"
#include "atlas/targets/cpu/kernels/levels-inl.h"
#include "atlas/targets/cpu/kernels/partial-inl.h"
#include "atlas/targets/cpu/kernels/quantize.h"
#include "atlas/targets/cpu/kernels/vbmi.h"

HWY_BEFORE_NAMESPACE();
namespace atlas::cpu {
namespace HWY_NAMESPACE {
namespace hn = hwy::HWY_NAMESPACE;

using DF = LevelRounder::DF;
constexpr size_t lanes = hn::MaxLanes(DF());

/// Four vectors at a time times the inverse of the scale, so long as no quotient comes so near to the middle
/// of two levels that the product may be on its other side; gives how many elements are done.
size_t quantize_by_inverse(const float* x, size_t count, const LevelRounder& round, float inverse,
                           uint8_t* to) {
  // Quotients that are not beyond all levels are below 2^9, and off by less than 2^-13.
  const auto nearest_safe = hn::Set(DF(), 0.5f - 0x1p-13f), factor = hn::Set(DF(), inverse);
  size_t i = 0;
  for (; i + 4 * lanes <= count; i += 4 * lanes) {
    const auto level = [&](size_t v) HWY_ATTR { return hn::Mul(hn::LoadU(DF(), x + i + v * lanes), factor); };
    const auto safe = [&](hn::Vec<DF> v)
                          HWY_ATTR { return hn::Le(hn::Abs(hn::Sub(v, hn::Round(v))), nearest_safe); };
    const auto v0 = level(0), v1 = level(1), v2 = level(2), v3 = level(3);
    if (!hn::AllTrue(DF(), hn::And(hn::And(safe(v0), safe(v1)), hn::And(safe(v2), safe(v3))))) break;
    hn::StoreU(round(v0, v1, v2, v3), LevelRounder::Bytes(), to + i);
  }
  return i;
}

void quantize_run(const float* x, size_t count, const Levels& to_levels, uint8_t* to) {
  const LevelRounder::D8 d8;
  const LevelRounder round(to_levels.type);
  const auto scale = hn::Set(DF(), to_levels.scale);
  const auto nothing = hn::Set(DF(), static_cast<float>(-to_levels.type.zero_point));
  const auto levels = [&](const float* from) HWY_ATTR {
    const auto level = hn::Div(hn::LoadU(DF(), from), scale);
    return round(hn::IfThenElse(hn::Eq(level, level), level, nothing));
  };
  const float inverse = 1 / to_levels.scale;
  const bool has_inverse = std::isnormal(inverse) && std::isnormal(to_levels.scale);
  while (count >= lanes) {
    const size_t done = has_inverse ? quantize_by_inverse(x, count, round, inverse, to) : 0;
    x += done, to += done, count -= done;
    for (size_t v = 0; v < 4 && count >= lanes; ++v, x += lanes, to += lanes, count -= lanes)
      hn::StoreU(levels(x), d8, to);
  }
  if (count == 0) return;
  float rest[lanes] = {};
  uint8_t rest_levels[lanes];
  std::copy_n(x, count, rest);
  hn::StoreU(levels(rest), d8, rest_levels);
  std::memcpy(to, rest_levels, count);
}

Levels quantize_row_run(const float* x, size_t count, uint8_t* to) {
  const DF d;
  constexpr size_t ways = 4;
  const auto zero = hn::Zero(d);
  hn::Vec<DF> lows[ways], highs[ways], nothings[ways];  // 0 times a number is 0, or it is infinite or none
#pragma GCC unroll 4
  for (size_t w = 0; w < ways; ++w) lows[w] = highs[w] = nothings[w] = zero;
  const auto see = [&](hn::Vec<DF> v, size_t w) HWY_ATTR {
    lows[w] = hn::Min(v, lows[w]);
    highs[w] = hn::Max(v, highs[w]);
    nothings[w] = hn::MulAdd(v, zero, nothings[w]);
  };
  size_t i = 0;
  for (; i + ways * lanes <= count; i += ways * lanes)
#pragma GCC unroll 4
    for (size_t w = 0; w < ways; ++w) see(hn::LoadU(d, x + i + w * lanes), w);
  for (; i < count; i += lanes) see(load_partial(d, x + i, std::min(lanes, count - i)), 0);
#pragma GCC unroll 4
  for (size_t w = 1; w < ways; ++w) {
    lows[0] = hn::Min(lows[0], lows[w]);
    highs[0] = hn::Max(highs[0], highs[w]);
    nothings[0] = hn::Add(nothings[0], nothings[w]);
  }
  const float nothing = hn::GetLane(hn::SumOfLanes(d, nothings[0]));
  const float low = nothing == 0 ? hn::GetLane(hn::MinOfLanes(d, lows[0])) : 0;
  const float high = nothing == 0 ? hn::GetLane(hn::MaxOfLanes(d, highs[0])) : 1;
  // Scales have an inverse: where theirs would have none, numbers are as good as 0.
  const float step = std::max(high / 255 - low / 255, std::numeric_limits<float>::min()), inverse = 1 / step;
  const LevelType type{false, static_cast<int32_t>(std::clamp(std::nearbyint(-low * inverse), 0.0f, 255.0f))};

  const LevelRounder round(type);
  const auto factor = hn::Set(d, inverse);
  const auto level = [&](size_t at) HWY_ATTR { return hn::Mul(hn::LoadU(d, x + at), factor); };
  for (i = 0; i + ways * lanes <= count; i += ways * lanes)
    hn::StoreU(round(level(i), level(i + lanes), level(i + 2 * lanes), level(i + 3 * lanes)),
               LevelRounder::Bytes(), to + i);
  for (; i + lanes <= count; i += lanes) hn::StoreU(round(level(i)), LevelRounder::D8(), to + i);
  if (i < count) {
    uint8_t rest[lanes];
    hn::StoreU(round(hn::Mul(load_partial(d, x + i, std::min(lanes, count - i)), factor)), LevelRounder::D8(),
               rest);
    std::memcpy(to + i, rest, count - i);
  }
  return {type, step + nothing};
}

void dequantize_run(const uint8_t* x, size_t count, const Levels& levels, float* to) {
  const hn::Rebind<uint8_t, DF> d8;
  const hn::RebindToSigned<decltype(d8)> signed8;
  const hn::RebindToSigned<DF> d32;
  const auto zero = hn::Set(d32, levels.type.zero_point);
  const auto scale = hn::Set(DF(), levels.scale);
  const auto widen = [&](const uint8_t* from) HWY_ATTR {
    const auto level = hn::LoadU(d8, from);
    return levels.type.is_signed ? hn::PromoteTo(d32, hn::BitCast(signed8, level))
                                 : hn::PromoteTo(d32, level);
  };
  size_t i = 0;
  for (; i + lanes <= count; i += lanes)
    hn::StoreU(hn::Mul(hn::ConvertTo(DF(), hn::Sub(widen(x + i), zero)), scale), DF(), to + i);
  for (; i < count; ++i) {
    const int32_t level = levels.type.is_signed ? static_cast<int8_t>(x[i]) : x[i];
    to[i] = static_cast<float>(level - levels.type.zero_point) * levels.scale;
  }
}

}  // namespace HWY_NAMESPACE
}  // namespace atlas::cpu
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace atlas::cpu {
HWY_EXPORT(quantize_run);
HWY_EXPORT(quantize_row_run);
HWY_EXPORT(dequantize_run);

void quantize(const float* x, size_t count, const Levels& levels, uint8_t* to) {
  ATLAS_DISPATCH(quantize_run)(x, count, levels, to);
}

Levels quantize_row(const float* x, size_t count, uint8_t* to) {
  return ATLAS_DISPATCH(quantize_row_run)(x, count, to);
}

void dequantize(const uint8_t* x, size_t count, const Levels& levels, float* to) {
  ATLAS_DISPATCH(dequantize_run)(x, count, levels, to);
}

void map_bytes(const uint8_t* table, const uint8_t* x, size_t count, uint8_t* to) {
#if defined(__x86_64__)
  if (active_isa() >= Isa::Avx512Vnni && has_vbmi()) return vbmi_map_bytes(table, x, count, to);
#endif
  // Eight at a time, so that reading and writing are not a byte each.
  size_t i = 0;
  for (; i + 8 <= count; i += 8) {
    uint64_t levels, results = 0;
    std::memcpy(&levels, x + i, 8);
    for (unsigned shift = 0; shift < 64; shift += 8)
      results |= uint64_t{table[levels >> shift & 0xff]} << shift;
    std::memcpy(to + i, &results, 8);
  }
  for (; i < count; ++i) to[i] = table[x[i]];
}

}  // namespace atlas::cpu
#endif
