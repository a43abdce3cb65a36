// Vectors of f32 from and to arrays of f32 or of bfloat16. Included once per instruction set.
#if defined(ATLAS_CPU_NUMBERS_INL_H_) == defined(HWY_TARGET_TOGGLE)
#ifdef ATLAS_CPU_NUMBERS_INL_H_
#undef ATLAS_CPU_NUMBERS_INL_H_
#else
#define ATLAS_CPU_NUMBERS_INL_H_
#endif

#include <hwy/highway.h>

#include "atlas/targets/cpu/kernels/numbers.h"
#include "atlas/targets/cpu/kernels/partial-inl.h"

HWY_BEFORE_NAMESPACE();
namespace atlas::cpu {
namespace HWY_NAMESPACE {
namespace hn = hwy::HWY_NAMESPACE;

template <class D>
HWY_INLINE hn::Vec<D> widened(D d, hn::Vec<hn::Rebind<Bf16, D>> x) {
  const hn::RebindToUnsigned<D> d32;
  return hn::BitCast(d, hn::ShiftLeft<16>(hn::PromoteTo(d32, x)));
}

/// The nearest bfloat16s, in the lower halves: ties to even; a NaN stays one.
template <class D>
HWY_INLINE hn::Vec<hn::RebindToUnsigned<D>> rounded_bits(D, hn::Vec<D> x) {
  const hn::RebindToUnsigned<D> d;
  const auto bits = hn::BitCast(d, x);
  const auto upper = hn::ShiftRight<16>(bits);
  const auto odd = hn::And(upper, hn::Set(d, 1));
  const auto nearest = hn::ShiftRight<16>(hn::Add(hn::Add(bits, hn::Set(d, 0x7fff)), odd));
  const auto is_nan = hn::RebindMask(d, hn::IsNaN(x));
  return hn::IfThenElse(is_nan, hn::Or(upper, hn::Set(d, 0x40)), nearest);
}

template <class D>
HWY_INLINE hn::Vec<hn::Rebind<Bf16, D>> rounded(D d, hn::Vec<D> x) {
  return hn::TruncateTo(hn::Rebind<Bf16, D>(), rounded_bits(d, x));
}

template <class D>
HWY_INLINE hn::Vec<D> load_numbers(D d, const float* from) {
  return hn::LoadU(d, from);
}

template <class D>
HWY_INLINE hn::Vec<D> load_numbers(D d, const Bf16* from) {
  return widened(d, hn::LoadU(hn::Rebind<Bf16, D>(), from));
}

template <class D>
HWY_INLINE void store_numbers(hn::Vec<D> x, D d, float* to) {
  hn::StoreU(x, d, to);
}

template <class D>
HWY_INLINE void store_numbers(hn::Vec<D> x, D d, Bf16* to) {
  hn::StoreU(rounded(d, x), hn::Rebind<Bf16, D>(), to);
}

/// The first `count` (below Lanes(d)) alone.
template <class D>
HWY_INLINE hn::Vec<D> load_some_numbers(D d, const float* from, size_t count) {
  return load_partial(d, from, count);
}

template <class D>
HWY_INLINE hn::Vec<D> load_some_numbers(D d, const Bf16* from, size_t count) {
  return widened(d, load_partial(hn::Rebind<Bf16, D>(), from, count));
}

template <class D>
HWY_INLINE void store_some_numbers(hn::Vec<D> x, D d, float* to, size_t count) {
  store_partial(x, d, to, count);
}

template <class D>
HWY_INLINE void store_some_numbers(hn::Vec<D> x, D d, Bf16* to, size_t count) {
  store_partial(rounded(d, x), hn::Rebind<Bf16, D>(), to, count);
}

}  // namespace HWY_NAMESPACE
}  // namespace atlas::cpu
HWY_AFTER_NAMESPACE();

#endif
