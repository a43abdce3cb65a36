// The smaller and the larger of two vectors, NaN kept. Included once per instruction set.
#if defined(ATLAS_CPU_EXTREMA_INL_H_) == defined(HWY_TARGET_TOGGLE)
#ifdef ATLAS_CPU_EXTREMA_INL_H_
#undef ATLAS_CPU_EXTREMA_INL_H_
#else
#define ATLAS_CPU_EXTREMA_INL_H_
#endif

#include <hwy/highway.h>

HWY_BEFORE_NAMESPACE();
namespace atlas::cpu {
namespace HWY_NAMESPACE {
namespace hn = hwy::HWY_NAMESPACE;

// x86 gives the second operand where either is NaN, NEON the one that is a number.
#if HWY_ARCH_ARM
constexpr bool kSecondIfNan = false;
#else
constexpr bool kSecondIfNan = true;
#endif

/// The smaller of floating-point lanes; x where x is NaN. Where only `bound` is NaN, either.
template <typename V>
HWY_INLINE V min_keeping_nan(V bound, V x) {
  const V least = hn::Min(bound, x);
  return kSecondIfNan ? least : hn::IfThenElse(hn::IsNaN(x), x, least);
}

/// The larger, likewise.
template <typename V>
HWY_INLINE V max_keeping_nan(V bound, V x) {
  const V most = hn::Max(bound, x);
  return kSecondIfNan ? most : hn::IfThenElse(hn::IsNaN(x), x, most);
}

}  // namespace HWY_NAMESPACE
}  // namespace atlas::cpu
HWY_AFTER_NAMESPACE();

#endif
