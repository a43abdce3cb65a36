// A vector at a time.
#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "atlas/targets/cpu/kernels/quantize.cpp"
#include <hwy/foreach_target.h>
// After foreach_target.
#include <hwy/highway.h>

#include <algorithm>
#include <cstring>

#include "atlas/targets/cpu/kernels/dispatch.h"
#include "atlas/targets/cpu/kernels/levels-inl.h"
#include "atlas/targets/cpu/kernels/quantize.h"

HWY_BEFORE_NAMESPACE();
namespace atlas::cpu {
namespace HWY_NAMESPACE {
namespace hn = hwy::HWY_NAMESPACE;

void quantize_run(const float* x, size_t count, const Levels& to_levels, uint8_t* to) {
  const LevelRounder::DF df;
  const LevelRounder::D8 d8;
  constexpr size_t lanes = hn::MaxLanes(df);
  const LevelRounder round(to_levels.type);
  const auto scale = hn::Set(df, to_levels.scale);
  const auto nothing = hn::Set(df, static_cast<float>(-to_levels.type.zero_point));
  const auto levels = [&](const float* from) HWY_ATTR {
    const auto level = hn::Div(hn::LoadU(df, from), scale);
    return round(hn::IfThenElse(hn::Eq(level, level), level, nothing));
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

void quantize(const float* x, size_t count, const Levels& levels, uint8_t* to) {
  ATLAS_DISPATCH(quantize_run)(x, count, levels, to);
}

}  // namespace atlas::cpu
#endif
