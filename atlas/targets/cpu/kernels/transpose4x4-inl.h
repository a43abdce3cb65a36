// The 4x4 transposition that packing and transposing share.
#if defined(ATLAS_CPU_TRANSPOSE4X4_INL_H_) == defined(HWY_TARGET_TOGGLE)
#ifdef ATLAS_CPU_TRANSPOSE4X4_INL_H_
#undef ATLAS_CPU_TRANSPOSE4X4_INL_H_
#else
#define ATLAS_CPU_TRANSPOSE4X4_INL_H_
#endif

#include <hwy/highway.h>

HWY_BEFORE_NAMESPACE();
namespace atlas::cpu {
namespace HWY_NAMESPACE {
namespace hn = hwy::HWY_NAMESPACE;

/// Stores the columns of the matrix with rows r0 ... r3 at `to`, `stride` elements apart.
template <typename T>
HWY_INLINE void store_transposed(hn::Vec<hn::FixedTag<T, 4>> r0, hn::Vec<hn::FixedTag<T, 4>> r1,
                                 hn::Vec<hn::FixedTag<T, 4>> r2, hn::Vec<hn::FixedTag<T, 4>> r3, T* to,
                                 size_t stride) {
  const hn::FixedTag<T, 4> d4;
  const hn::FixedTag<uint64_t, 2> d2;
  const auto low01 = hn::BitCast(d2, hn::InterleaveLower(d4, r0, r1));
  const auto high01 = hn::BitCast(d2, hn::InterleaveUpper(d4, r0, r1));
  const auto low23 = hn::BitCast(d2, hn::InterleaveLower(d4, r2, r3));
  const auto high23 = hn::BitCast(d2, hn::InterleaveUpper(d4, r2, r3));
  hn::StoreU(hn::BitCast(d4, hn::InterleaveLower(d2, low01, low23)), d4, to);
  hn::StoreU(hn::BitCast(d4, hn::InterleaveUpper(d2, low01, low23)), d4, to + stride);
  hn::StoreU(hn::BitCast(d4, hn::InterleaveLower(d2, high01, high23)), d4, to + 2 * stride);
  hn::StoreU(hn::BitCast(d4, hn::InterleaveUpper(d2, high01, high23)), d4, to + 3 * stride);
}

}  // namespace HWY_NAMESPACE
}  // namespace atlas::cpu
HWY_AFTER_NAMESPACE();
#endif
