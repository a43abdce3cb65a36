// A power of two as the scale, so that numbers lose nothing but bits that are too small for all of a group.
#include "atlas/targets/cpu/kernels/nbits_groups.h"

#if defined(__x86_64__)
#include <cstring>

#include "atlas/targets/cpu/kernels/nbits_avx512.h"

HWY_PUSH_ATTRIBUTES("avx512f,avx512bw,avx512vl,avx512dq")
namespace atlas::cpu {
namespace {

constexpr size_t lanes = 16;

__mmask16 first_lanes(size_t count) {
  return static_cast<__mmask16>(count >= lanes ? 0xFFFF : (1u << count) - 1);
}

/// 2^exponent, for -126 to 127.
float power_of_two(int exponent) {
  const uint32_t bits = static_cast<uint32_t>(exponent + 127) << 23;
  float power;
  std::memcpy(&power, &bits, sizeof power);
  return power;
}

/// The exponent that makes integers of at most 127 * 2^16, so that their highest digit has room, of numbers
/// up to the one with these bits.
int exponent_for(uint32_t largest) {
  constexpr uint32_t mantissa_bits = 23, near_two = 0x7E0000;
  const int exponent = static_cast<int>(largest >> mantissa_bits) - 127;
  return std::min(((largest & 0x7FFFFF) < near_two ? 22 : 21) - exponent, 126);
}

}  // namespace

bool write_digits(const float* a, size_t given, size_t steps, size_t pitch, int8_t* to, NbitsGroup& group) {
  __m512i largest = _mm512_setzero_si512();
  for (size_t i = 0; i < given; i += lanes)  // by their bits, in which NaN is the largest of all
    largest = _mm512_max_epu32(
        largest, _mm512_castps_si512(_mm512_abs_ps(_mm512_maskz_loadu_ps(first_lanes(given - i), a + i))));
  const uint32_t bits = _mm512_reduce_max_epu32(largest);
  if (bits >= 0x7F800000) return false;
  const int exponent = exponent_for(bits);
  const __m512 factor = _mm512_set1_ps(power_of_two(exponent));
  const __m512i half = _mm512_set1_epi32(128);
  __m512i sums = _mm512_setzero_si512();
  for (size_t i = 0; i < steps; i += lanes) {
    const __mmask16 mask = i < given ? first_lanes(given - i) : __mmask16{0};
    const __m512i low = _mm512_cvtps_epi32(_mm512_mul_ps(_mm512_maskz_loadu_ps(mask, a + i), factor));
    const __m512i middle = _mm512_srai_epi32(_mm512_add_epi32(low, half), 8);
    const __m512i high = _mm512_srai_epi32(_mm512_add_epi32(middle, half), 8);
    const __m512i all[nbits_digits] = {high, middle, low};
    for (size_t d = 0; d < nbits_digits; ++d)
      _mm_storeu_si128(reinterpret_cast<__m128i*>(to + d * pitch + i), _mm512_cvtepi32_epi8(all[d]));
    sums = _mm512_add_epi32(sums, low);
  }
  group.digits = _mm512_reduce_add_epi32(sums);
  group.scale = power_of_two(-exponent);
  group.sum = static_cast<float>(group.digits) * group.scale;
  return true;
}

}  // namespace atlas::cpu
HWY_POP_ATTRIBUTES
#endif
