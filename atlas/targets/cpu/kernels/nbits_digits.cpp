// Intrinsics: Highway has no name for vpdpbusd before version 1.1. With digits of -128 to 127 to the base
// 256, sums of codes times digits are exact, and are put together once for each scale.
#include "atlas/targets/cpu/kernels/nbits_digits.h"

#include "atlas/targets/cpu/kernels/isa.h"

#if defined(__x86_64__)
#include <cstring>

#include "atlas/targets/cpu/kernels/nbits_avx512.h"
#include "atlas/targets/cpu/kernels/nbits_groups.h"
#include "atlas/targets/cpu/kernels/nbits_strips.h"
#include "atlas/targets/cpu/kernels/scratch.h"

HWY_PUSH_ATTRIBUTES("avx512f,avx512bw,avx512vl,avx512dq,avx512vnni")
namespace atlas::cpu {
namespace {

constexpr size_t lanes = 16, vectors = nbits_columns / lanes;
constexpr size_t digits = nbits_digits;
constexpr size_t prefetch_words = 512;  // ahead: processors fetch by themselves to the end of a page only

/// Codes are taken as they are: the middle one times the integers goes off at the start of the sums, in two
/// parts that fit.
struct Group {
  int32_t high, low;
  float scale, sum;

  Group(const NbitsGroup& from, int32_t middle) : scale(from.scale), sum(from.sum) {
    const int32_t part = (from.digits + 0x8000) >> 16;
    high = -middle * part;
    low = -middle * (from.digits - part * 0x10000);
  }
};

struct DigitRows {
  size_t steps, groups;
  int8_t* digit;  // [rows][digits, highest first][steps]
  Group* group;   // [rows][groups]

  DigitRows of(size_t row) const {
    return {steps, groups, digit + row * digits * steps, group + row * groups};
  }
};

bool write_row(const NbitsLayout& layout, size_t k, const float* a, const DigitRows& to) {
  const size_t length = group_steps(layout);
  for (size_t g = 0; g < to.groups; ++g) {
    const size_t first = g * length;
    const size_t given = k > first ? std::min(length, k - first) : 0;
    NbitsGroup group;
    if (!write_digits(a + first, given, std::min(length, layout.steps - first), to.steps, to.digit + first,
                      group))
      return false;
    to.group[g] = Group(group, 1 << (layout.bits - 1));
  }
  return true;
}

template <size_t kBits, size_t kRows>
void multiply_strip(const NbitsLayout& layout, const std::byte* strip, const DigitRows& rows, float* totals) {
  constexpr size_t quads = 8 / kBits, word_steps = 4 * quads;
  const __m512i mask = _mm512_set1_epi8(static_cast<char>((1 << kBits) - 1));
  const size_t length = group_steps(layout);
  __m512 total[kRows][vectors];
#pragma GCC unroll 4
  for (size_t r = 0; r < kRows; ++r)
#pragma GCC unroll 2
    for (size_t v = 0; v < vectors; ++v) total[r][v] = _mm512_setzero_ps();
  const int8_t* digit = rows.digit;
  const Group* group = rows.group;
  for (size_t b = 0; b < layout.blocks; ++b) {
    const std::byte* from = strip + layout.block_offset(b);
    const float* scales = reinterpret_cast<const float*>(from);
    const uint32_t* words = reinterpret_cast<const uint32_t*>(from + layout.scale_bytes);
    for (size_t left = layout.steps_of(b); left > 0; ++group) {
      const size_t here = std::min(left, length);
      left -= here;
      __m512i sum[kRows][digits][vectors];
#pragma GCC unroll 4
      for (size_t r = 0; r < kRows; ++r)
#pragma GCC unroll 2
        for (size_t v = 0; v < vectors; ++v) {
          sum[r][0][v] = _mm512_set1_epi32(group[r * rows.groups].high);
          sum[r][1][v] = _mm512_setzero_si512();
          sum[r][2][v] = _mm512_set1_epi32(group[r * rows.groups].low);
        }
      for (const int8_t* end = digit + here; digit != end; digit += word_steps, words += nbits_columns) {
        __m512i word[vectors];
#pragma GCC unroll 2
        for (size_t v = 0; v < vectors; ++v) {
          word[v] = _mm512_loadu_si512(words + v * lanes);
          __builtin_prefetch(words + prefetch_words + v * lanes);
        }
#pragma GCC unroll 4
        for (size_t q = 0; q < quads; ++q) {
          __m512i code[vectors];
#pragma GCC unroll 2
          for (size_t v = 0; v < vectors; ++v)
            code[v] = kBits == 8
                          ? word[v]
                          : _mm512_and_si512(q == 0 ? word[v] : _mm512_srli_epi32(word[v], kBits * q), mask);
#pragma GCC unroll 4
          for (size_t r = 0; r < kRows; ++r)
#pragma GCC unroll 3
            for (size_t d = 0; d < digits; ++d) {
              int32_t quad;
              std::memcpy(&quad, digit + (r * digits + d) * rows.steps + 4 * q, sizeof quad);
              const __m512i factors = _mm512_set1_epi32(quad);
#pragma GCC unroll 2
              for (size_t v = 0; v < vectors; ++v)
                sum[r][d][v] = _mm512_dpbusd_epi32(sum[r][d][v], code[v], factors);
            }
        }
      }
#pragma GCC unroll 2
      for (size_t v = 0; v < vectors; ++v) {
        const __m512 scale = _mm512_loadu_ps(scales + v * lanes);
        const __m512 shift =
            layout.zero_size == 0 ? _mm512_setzero_ps() : zeros_less_middle(layout, strip, b, v * lanes);
#pragma GCC unroll 4
        for (size_t r = 0; r < kRows; ++r) {
          const Group& own = group[r * rows.groups];
          const __m512i low = _mm512_add_epi32(_mm512_slli_epi32(sum[r][1][v], 8), sum[r][2][v]);
          __m512 all = _mm512_fmadd_ps(_mm512_cvtepi32_ps(sum[r][0][v]), _mm512_set1_ps(65536.0f),
                                       _mm512_cvtepi32_ps(low));
          all = _mm512_mul_ps(all, _mm512_set1_ps(own.scale));
          if (layout.zero_size > 0) all = _mm512_fnmadd_ps(shift, _mm512_set1_ps(own.sum), all);
          total[r][v] = _mm512_fmadd_ps(scale, all, total[r][v]);
        }
      }
    }
  }
#pragma GCC unroll 4
  for (size_t r = 0; r < kRows; ++r)
#pragma GCC unroll 2
    for (size_t v = 0; v < vectors; ++v)
      _mm512_storeu_ps(totals + r * nbits_columns + v * lanes, total[r][v]);
}

using StripFunction = void (*)(const NbitsLayout&, const std::byte*, const DigitRows&, float*);

template <size_t kBits>
StripFunction strip_function(size_t rows) {
  constexpr StripFunction by_rows[] = {multiply_strip<kBits, 1>, multiply_strip<kBits, 2>,
                                       multiply_strip<kBits, 3>, multiply_strip<kBits, 4>};
  return by_rows[rows - 1];
}

}  // namespace

bool multiply_nbits_digits(size_t m, const float* a, const PackedNbits& b, const float* bias, float* c,
                           ThreadPool& pool) {
  if (active_isa() < Isa::Avx512Vnni || active_isa() >= Isa::Neon) return false;
  const size_t k = b.shape().k;
  const NbitsLayout layout(b.shape());
  const size_t groups = ceil_div(layout.steps, group_steps(layout));
  Scratch memory(m * groups * sizeof(Group) + m * digits * layout.steps);
  Group* group = memory.as<Group>();
  const DigitRows rows{layout.steps, groups, reinterpret_cast<int8_t*>(group + m * groups), group};
  for (size_t r = 0; r < m; ++r)
    if (!write_row(layout, k, a + r * k, rows.of(r))) return false;
  const auto function = layout.bits == 2   ? strip_function<2>
                        : layout.bits == 4 ? strip_function<4>
                                           : strip_function<8>;
  for_each_strip(m, 4, b, bias, c, pool,
                 [&](const std::byte* strip, size_t first, size_t count, float* totals) {
                   function(count)(layout, strip, rows.of(first), totals);
                 });
  return true;
}

}  // namespace atlas::cpu
HWY_POP_ATTRIBUTES
#else
namespace atlas::cpu {

bool multiply_nbits_digits(size_t, const float*, const PackedNbits&, const float*, float*, ThreadPool&) {
  return false;
}

}  // namespace atlas::cpu
#endif
