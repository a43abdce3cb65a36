// Real numbers to bytes by rounding, inside the namespace of one instruction set.
// Per-target include guard, as hwy/per_target.h explains.
#if defined(ATLAS_CPU_LEVELS_INL_H_) == defined(HWY_TARGET_TOGGLE)
#ifdef ATLAS_CPU_LEVELS_INL_H_
#undef ATLAS_CPU_LEVELS_INL_H_
#else
#define ATLAS_CPU_LEVELS_INL_H_
#endif

#include <hwy/highway.h>

#include "atlas/targets/cpu/kernels/levels.h"

HWY_BEFORE_NAMESPACE();
namespace atlas::cpu {
namespace HWY_NAMESPACE {
namespace hn = hwy::HWY_NAMESPACE;

/// Rounds to the levels of one type and zero point.
class LevelRounder {
 public:
  using DF = hn::ScalableTag<float>;
  using D8 = hn::Rebind<uint8_t, DF>;

  explicit LevelRounder(const LevelType& type)
      : low_(hn::Set(DF(), static_cast<float>(type.low() - type.zero_point))),
        high_(hn::Set(DF(), static_cast<float>(type.low() + 255 - type.zero_point))),
        zero_(hn::Set(D32(), static_cast<uint32_t>(type.zero_point))) {}

  /// round(x) + zero point, ties to even, kept within the type. Not a number becomes the least level.
  HWY_INLINE hn::Vec<D8> operator()(hn::Vec<DF> x) const {
#if HWY_ARCH_X86
    x = hn::Max(x, low_);  // the second where the first is not a number
#else
    x = hn::IfThenElse(hn::Gt(x, low_), x, low_);
#endif
    // Where a float has no bits behind the point, its last byte counts units, and the addition has rounded.
    const auto units = hn::Add(hn::Min(x, high_), hn::Set(DF(), 12582912.0f));
    return hn::TruncateTo(D8(), hn::Add(hn::BitCast(D32(), units), zero_));
  }

 private:
  using D32 = hn::ScalableTag<uint32_t>;

  hn::Vec<DF> low_, high_;
  hn::Vec<D32> zero_;
};

}  // namespace HWY_NAMESPACE
}  // namespace atlas::cpu
HWY_AFTER_NAMESPACE();

#endif  // per-target include guard
