// Zero points of a packed matrix of few bits, as vectors of f32.
#if defined(ATLAS_CPU_NBITS_ZEROS_INL_H_) == defined(HWY_TARGET_TOGGLE)
#ifdef ATLAS_CPU_NBITS_ZEROS_INL_H_
#undef ATLAS_CPU_NBITS_ZEROS_INL_H_
#else
#define ATLAS_CPU_NBITS_ZEROS_INL_H_
#endif

#include <hwy/highway.h>

#include "atlas/targets/cpu/kernels/nbits_layout.h"

HWY_BEFORE_NAMESPACE();
namespace atlas::cpu {
namespace HWY_NAMESPACE {
namespace hn = hwy::HWY_NAMESPACE;

/// Those of block `b` for the columns of a strip from `column` on.
template <class D>
HWY_INLINE hn::Vec<D> zeros_of(D d, const NbitsLayout& layout, NbitsZeros zeros, const std::byte* strip,
                               size_t b, size_t column) {
  const std::byte* from = strip + layout.zero_offset();
  const size_t at = b * nbits_columns + column;
  if (zeros == NbitsZeros::Middle) return hn::Set(d, static_cast<float>(1 << (layout.bits - 1)));
  if (zeros == NbitsZeros::Reals) return hn::LoadU(d, reinterpret_cast<const float*>(from) + at);
  const hn::Rebind<uint8_t, D> d8;
  const hn::RebindToSigned<D> di;
  return hn::ConvertTo(d, hn::PromoteTo(di, hn::LoadU(d8, reinterpret_cast<const uint8_t*>(from) + at)));
}

}  // namespace HWY_NAMESPACE
}  // namespace atlas::cpu
HWY_AFTER_NAMESPACE();
#endif
