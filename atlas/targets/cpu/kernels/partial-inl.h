// Loads and stores of the first lanes of a vector that touch no memory beyond them.
#if defined(ATLAS_CPU_PARTIAL_INL_H_) == defined(HWY_TARGET_TOGGLE)
#ifdef ATLAS_CPU_PARTIAL_INL_H_
#undef ATLAS_CPU_PARTIAL_INL_H_
#else
#define ATLAS_CPU_PARTIAL_INL_H_
#endif

#include <hwy/highway.h>

#include <cstring>

HWY_BEFORE_NAMESPACE();
namespace atlas::cpu {
namespace HWY_NAMESPACE {
namespace hn = hwy::HWY_NAMESPACE;

/// The `count` (below Lanes(d)) lanes at `from`, zero in the others.
template <class D, typename T = hn::TFromD<D>>
HWY_INLINE hn::Vec<D> load_partial(D d, const T* from, size_t count) {
#if HWY_TARGET <= HWY_AVX2
  if constexpr (sizeof(T) >= 4) return hn::MaskedLoad(hn::FirstN(d, count), d, from);
#endif
  HWY_ALIGN T lanes[hn::MaxLanes(d)] = {};
  std::memcpy(lanes, from, count * sizeof(T));
  return hn::Load(d, lanes);
}

/// Stores the first `count` (below Lanes(d)) lanes of `v` at `to`.
template <class D, typename T = hn::TFromD<D>>
HWY_INLINE void store_partial(hn::Vec<D> v, D d, T* to, size_t count) {
#if HWY_TARGET <= HWY_AVX2
  if constexpr (sizeof(T) >= 4) return hn::BlendedStore(v, hn::FirstN(d, count), d, to);
#endif
  HWY_ALIGN T lanes[hn::MaxLanes(d)];
  hn::Store(v, d, lanes);
  std::memcpy(to, lanes, count * sizeof(T));
}

}  // namespace HWY_NAMESPACE
}  // namespace atlas::cpu
HWY_AFTER_NAMESPACE();
#endif
