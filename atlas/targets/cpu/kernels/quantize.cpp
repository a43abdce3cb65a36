// Rounds within the range first: what is too large for an integer must not reach the conversion.
#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "atlas/targets/cpu/kernels/quantize.cpp"
#include <hwy/foreach_target.h>
// After foreach_target.
#include <hwy/highway.h>

#include <algorithm>
#include <cstring>

#include "atlas/targets/cpu/kernels/dispatch.h"
#include "atlas/targets/cpu/kernels/quantize.h"

HWY_BEFORE_NAMESPACE();
namespace atlas::cpu {
namespace HWY_NAMESPACE {
namespace hn = hwy::HWY_NAMESPACE;

using DF = hn::ScalableTag<float>;
using D32 = hn::ScalableTag<int32_t>;
using D8 = hn::Rebind<uint8_t, D32>;
constexpr size_t lanes = hn::MaxLanes(DF());

void quantize_run(const float* x, size_t count, float scale, int32_t zero_point, bool is_signed,
                  uint8_t* to) {
  const DF df;
  const D32 d32;
  const D8 d8;
  const int32_t least = is_signed ? -128 : 0;
  const auto scales = hn::Set(df, scale);
  const auto low = hn::Set(df, static_cast<float>(least - zero_point));
  const auto high = hn::Set(df, static_cast<float>(least + 255 - zero_point));
  const auto zero = hn::Set(d32, zero_point - least), nothing = hn::Set(d32, -least);
  const auto flip = hn::Set(d8, static_cast<uint8_t>(is_signed ? 128 : 0));
  const auto levels = [&](const float* from) HWY_ATTR {
    const auto level = hn::Div(hn::LoadU(df, from), scales);
    const auto whole = hn::Add(hn::NearestInt(hn::Min(hn::Max(level, low), high)), zero);
    const auto is_number = hn::RebindMask(d32, hn::Eq(level, level));
    return hn::Xor(hn::DemoteTo(d8, hn::IfThenElse(is_number, whole, nothing)), flip);
  };
  for (; count >= lanes; count -= lanes, x += lanes, to += lanes) hn::StoreU(levels(x), d8, to);
  if (count == 0) return;
  float rest[lanes] = {};
  uint8_t rest_levels[lanes];
  std::copy_n(x, count, rest);
  hn::StoreU(levels(rest), d8, rest_levels);
  std::memcpy(to, rest_levels, count);
}

}  // namespace HWY_NAMESPACE
}  // namespace atlas::cpu
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace atlas::cpu {
HWY_EXPORT(quantize_run);

void quantize(const float* x, size_t count, float scale, int32_t zero_point, bool is_signed, uint8_t* to) {
  ATLAS_DISPATCH(quantize_run)(x, count, scale, zero_point, is_signed, to);
}

}  // namespace atlas::cpu
#endif
