// Intrinsics: a table of 256 bytes is four vectors.
#include "atlas/targets/cpu/kernels/vbmi.h"

#if defined(__x86_64__)
#include <hwy/base.h>
#include <immintrin.h>

HWY_PUSH_ATTRIBUTES("avx512f,avx512bw,avx512vl,avx512dq,avx512vbmi")
namespace atlas::cpu {

bool has_vbmi() {
  static const bool has = __builtin_cpu_supports("avx512vbmi");
  return has;
}

void vbmi_map_bytes(const uint8_t* table, const uint8_t* x, size_t count, uint8_t* to) {
  const __m512i first = _mm512_loadu_si512(table), second = _mm512_loadu_si512(table + 64);
  const __m512i third = _mm512_loadu_si512(table + 128), fourth = _mm512_loadu_si512(table + 192);
  for (size_t i = 0; i < count; i += 64) {
    const __mmask64 mask = count - i < 64 ? (uint64_t{1} << (count - i)) - 1 : ~uint64_t{0};
    const __m512i at = _mm512_maskz_loadu_epi8(mask, x + i);
    // The highest bit of each says which half of the table.
    const __m512i low = _mm512_permutex2var_epi8(first, at, second);
    const __m512i high = _mm512_permutex2var_epi8(third, at, fourth);
    _mm512_mask_storeu_epi8(to + i, mask, _mm512_mask_blend_epi8(_mm512_movepi8_mask(at), low, high));
  }
}

}  // namespace atlas::cpu
HWY_POP_ATTRIBUTES
#endif
