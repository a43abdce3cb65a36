// What the kernels of few bits with intrinsics of AVX-512 share.
#pragma once

#if defined(__x86_64__)
#include <hwy/base.h>
// GCC 12 takes what its own header leaves undefined on purpose for a mistake.
HWY_DIAGNOSTICS(push)
HWY_DIAGNOSTICS_OFF(disable : 4701, ignored "-Wmaybe-uninitialized")
HWY_DIAGNOSTICS_OFF(disable : 4701, ignored "-Wuninitialized")
#include <immintrin.h>
HWY_DIAGNOSTICS(pop)

#include "atlas/targets/cpu/kernels/nbits_layout.h"

HWY_PUSH_ATTRIBUTES("avx512f,avx512bw,avx512vl,avx512dq")
namespace atlas::cpu {

/// Zero points less the middle code, for 16 columns of block `b` of a strip from `column` on.
HWY_INLINE __m512 zeros_less_middle(const NbitsLayout& layout, const std::byte* strip, size_t b,
                                    size_t column) {
  const std::byte* from = strip + layout.zero_offset();
  const size_t at = b * nbits_columns + column;
  const __m512 zero = layout.zero_size == 1 ? _mm512_cvtepi32_ps(_mm512_cvtepu8_epi32(_mm_loadu_si128(
                                                  reinterpret_cast<const __m128i*>(from + at))))
                                            : _mm512_loadu_ps(reinterpret_cast<const float*>(from) + at);
  return _mm512_sub_ps(zero, _mm512_set1_ps(static_cast<float>(1 << (layout.bits - 1))));
}

}  // namespace atlas::cpu
HWY_POP_ATTRIBUTES
#endif
