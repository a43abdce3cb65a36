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

  using Bytes = hn::Repartition<uint8_t, DF>;

  explicit LevelRounder(const LevelType& type)
      : type_(type),
        low_(hn::Set(DF(), static_cast<float>(type.low() - type.zero_point))),
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

  /// The same of four vectors, one after the other.
  HWY_INLINE hn::Vec<Bytes> operator()(hn::Vec<DF> x0, hn::Vec<DF> x1, hn::Vec<DF> x2, hn::Vec<DF> x3) const {
#if HWY_TARGET <= HWY_AVX2 && HWY_ARCH_X86
    // Packing keeps words and bytes within their type; what is no number, and it alone, becomes the least.
    const uint8_t flip = type_.is_signed ? 128 : 0;
    const D16 d16;
    const auto zero = hn::Set(d16, static_cast<int16_t>(type_.zero_point + flip));
    const auto words = [&](hn::Vec<DF> a, hn::Vec<DF> b) HWY_ATTR {
      return hn::SaturatedAdd(hn::ReorderDemote2To(d16, nearest(a), nearest(b)), zero);
    };
    const auto mixed = pack_unsigned(words(x0, x1), words(x2, x3));
    // In each block of 16 bytes stand four of each vector.
    alignas(64) uint32_t order[hn::MaxLanes(D32())];
    constexpr uint32_t blocks = hn::MaxLanes(D32()) / 4;
    for (uint32_t i = 0; i < 4 * blocks; ++i) order[i] = i % blocks * 4 + i / blocks;
    const auto ordered = hn::TableLookupLanes(hn::BitCast(D32(), mixed), hn::SetTableIndices(D32(), order));
    return hn::Xor(hn::BitCast(Bytes(), ordered), hn::Set(Bytes(), flip));
#else
    const hn::Twice<D8> two;
    const hn::Twice<decltype(two)> four;
    return hn::Combine(four, hn::Combine(two, (*this)(x3), (*this)(x2)),
                       hn::Combine(two, (*this)(x1), (*this)(x0)));
#endif
  }

 private:
  using D32 = hn::ScalableTag<uint32_t>;
  using D16 = hn::ScalableTag<int16_t>;
  using I32 = hn::ScalableTag<int32_t>;

#if HWY_TARGET <= HWY_AVX3 && HWY_ARCH_X86
  static HWY_INLINE hn::Vec<I32> nearest(hn::Vec<DF> x) {
    return hn::Vec<I32>{_mm512_cvtps_epi32(hn::Min(hn::Set(DF(), 65536.0f), x).raw)};
  }
  static HWY_INLINE hn::Vec<Bytes> pack_unsigned(hn::Vec<D16> a, hn::Vec<D16> b) {
    return hn::Vec<Bytes>{_mm512_packus_epi16(a.raw, b.raw)};
  }
#elif HWY_TARGET <= HWY_AVX2 && HWY_ARCH_X86
  static HWY_INLINE hn::Vec<I32> nearest(hn::Vec<DF> x) {
    return hn::Vec<I32>{_mm256_cvtps_epi32(hn::Min(hn::Set(DF(), 65536.0f), x).raw)};
  }
  static HWY_INLINE hn::Vec<Bytes> pack_unsigned(hn::Vec<D16> a, hn::Vec<D16> b) {
    return hn::Vec<Bytes>{_mm256_packus_epi16(a.raw, b.raw)};
  }
#endif

  LevelType type_;
  hn::Vec<DF> low_, high_;
  hn::Vec<D32> zero_;
};

}  // namespace HWY_NAMESPACE
}  // namespace atlas::cpu
HWY_AFTER_NAMESPACE();

#endif  // per-target include guard
