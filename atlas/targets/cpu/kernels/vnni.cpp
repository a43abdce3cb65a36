// Intrinsics: Highway has no name for vpdpbusd before version 1.1.
#include "atlas/targets/cpu/kernels/vnni.h"

#if defined(__x86_64__)
#include <hwy/base.h>
#include <immintrin.h>

#include <cstring>
#include <utility>

HWY_PUSH_ATTRIBUTES("avx512f,avx512bw,avx512vl,avx512dq,avx512vnni")
namespace atlas::cpu {
namespace {

constexpr size_t lanes = 16;
constexpr size_t max_rows = 14;  // 28 sums, 2 vectors of B, 1 of a row: 31 of 32 registers
constexpr size_t chunk = IgemmKernel::chunk;

/// Few rows leave the multipliers waiting for their own results; several sums per element keep them fed.
constexpr size_t sums_for(size_t rows) {
  return rows <= 2 ? 4 : rows <= 4 ? 2 : 1;
}

template <size_t kRows, size_t kVectors, size_t kSums = sums_for(kRows)>
void tile(const IgemmTile& t) noexcept {
  __m512i sum[kSums][kRows][kVectors];
#pragma GCC unroll 4
  for (size_t s = 0; s < kSums; ++s)
#pragma GCC unroll 14
    for (size_t r = 0; r < kRows; ++r)
#pragma GCC unroll 2
      for (size_t v = 0; v < kVectors; ++v)
        sum[s][r][v] = s == 0 ? _mm512_loadu_si512(t.start + v * lanes) : _mm512_setzero_si512();
  // Every fifth row has an address of its own, those between are that and up to four strides.
  const size_t stride = t.row_stride, three = 3 * stride;
  const std::byte* rows[3];
  const int8_t* b = t.b;
  const auto step = [&](size_t s, size_t at) {
    __m512i column[kVectors];
#pragma GCC unroll 2
    for (size_t v = 0; v < kVectors; ++v) column[v] = _mm512_loadu_si512(b + v * 64);
#pragma GCC unroll 14
    for (size_t r = 0; r < kRows; ++r) {
      int32_t quad;
      std::memcpy(&quad, rows[r / 5] + (r % 5 == 3 ? three : r % 5 * stride) + at, sizeof quad);
      const __m512i row = _mm512_set1_epi32(quad);
#pragma GCC unroll 2
      for (size_t v = 0; v < kVectors; ++v) sum[s][r][v] = _mm512_dpbusd_epi32(sum[s][r][v], row, column[v]);
    }
    b += 4 * igemm_columns;
  };
  const int8_t* next = t.next;
  for (size_t c = 0; c < t.chunk_count; ++c) {
    for (size_t line = 0; line < t.next_lines; ++line, next += 64) __builtin_prefetch(next, 0, 2);
    for (size_t i = 0; i < 3; ++i) rows[i] = t.a + t.chunks[c].offset + 5 * i * stride;
    const auto quads = static_cast<size_t>(t.chunks[c].quads);
    size_t quad = 0;
    for (; quad + kSums <= quads; quad += kSums) {
#pragma GCC unroll 4
      for (size_t s = 0; s < kSums; ++s) step(s, 4 * (quad + s));
    }
    if constexpr (kSums > 1)
      for (; quad < quads; ++quad) step(0, 4 * quad);
  }
#pragma GCC unroll 4
  for (size_t s = 1; s < kSums; ++s)
#pragma GCC unroll 14
    for (size_t r = 0; r < kRows; ++r)
#pragma GCC unroll 2
      for (size_t v = 0; v < kVectors; ++v) sum[0][r][v] = _mm512_add_epi32(sum[0][r][v], sum[s][r][v]);
#pragma GCC unroll 14
  for (size_t r = 0; r < kRows; ++r)
#pragma GCC unroll 2
    for (size_t v = 0; v < kVectors; ++v)
      _mm512_storeu_si512(t.sums + r * igemm_columns + v * lanes, sum[0][r][v]);
}

template <size_t kRows>
void tile_of(const IgemmTile& t) noexcept {
  return t.columns <= lanes ? tile<kRows, 1>(t) : tile<kRows, 2>(t);
}

void fill(const uint8_t* const* rows, size_t count, size_t k, uint8_t flip, std::byte* to) noexcept {
  const __m512i flips = _mm512_set1_epi8(static_cast<char>(flip));
  for (size_t first = 0; first < k; first += chunk) {
    const __mmask64 mask = k - first < chunk ? (uint64_t{1} << (k - first)) - 1 : ~uint64_t{0};
    for (size_t r = 0; r < count; ++r, to += chunk)
      _mm512_storeu_si512(
          to, _mm512_maskz_mov_epi8(mask,
                                    _mm512_xor_si512(_mm512_maskz_loadu_epi8(mask, rows[r] + first), flips)));
  }
}

HWY_INLINE void depthwise_of(const DepthwiseTaps& taps, size_t pixels, const uint8_t* HWY_RESTRICT x,
                             size_t pixel_stride, const int8_t* HWY_RESTRICT weights, const int32_t* start,
                             int32_t* HWY_RESTRICT sums) {
  for (size_t p = 0; p < pixels; ++p, x += pixel_stride, sums += igemm_columns) {
    __m512i first = _mm512_loadu_si512(start), second = _mm512_loadu_si512(start + lanes);
    const int8_t* weight = weights;
    for (size_t quad = 0; quad < taps.quads; ++quad)
#pragma GCC unroll 3
      for (size_t step = 0; step < taps.steps; ++step, weight += 4 * igemm_columns) {
        const uint8_t* from = x + quad * taps.quad_stride + step * taps.step_stride;
        first = _mm512_dpbusd_epi32(first, _mm512_loadu_si512(from), _mm512_loadu_si512(weight));
        second = _mm512_dpbusd_epi32(second, _mm512_loadu_si512(from + 64), _mm512_loadu_si512(weight + 64));
      }
    _mm512_storeu_si512(sums, first);
    _mm512_storeu_si512(sums + lanes, second);
  }
}

void depthwise(const DepthwiseTaps& taps, size_t pixels, const uint8_t* x, size_t pixel_stride,
               const int8_t* weights, const int32_t* start, int32_t* sums) noexcept {
  // Three by three: weights stay in registers.
  if (taps.quads == 1 && taps.steps == 3)
    return depthwise_of({1, 0, 3, taps.step_stride}, pixels, x, pixel_stride, weights, start, sums);
  depthwise_of(taps, pixels, x, pixel_stride, weights, start, sums);
}

template <size_t... kIndices>
constexpr IgemmKernel make_kernel(std::index_sequence<kIndices...>) {
  return {max_rows, chunk, true, false, fill, depthwise, {tile_of<kIndices + 1>...}};
}

}  // namespace

const IgemmKernel vnni_igemm_kernel = make_kernel(std::make_index_sequence<max_rows>());

double vnni_multiply_add_integers(size_t repeats) {
  constexpr size_t kSums = 12;
  __m512i sums[kSums];
  const __m512i a = _mm512_set1_epi8(3), b = _mm512_set1_epi8(5);
#pragma GCC unroll 12
  for (size_t i = 0; i < kSums; ++i) sums[i] = _mm512_set1_epi32(static_cast<int>(i));
  for (size_t r = 0; r < repeats; ++r) {
#pragma GCC unroll 12
    for (size_t i = 0; i < kSums; ++i) sums[i] = _mm512_dpbusd_epi32(sums[i], a, b);
  }
  __m512i total = sums[0];
  for (size_t i = 1; i < kSums; ++i) total = _mm512_add_epi32(total, sums[i]);
  asm volatile("" : : "v"(total));
  return 2.0 * static_cast<double>(repeats * kSums * 64);
}

}  // namespace atlas::cpu
HWY_POP_ATTRIBUTES
#endif
