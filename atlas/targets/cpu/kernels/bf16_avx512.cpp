// Intrinsics: Highway's own target for these instructions is not among ours.
#include "atlas/targets/cpu/kernels/bf16_avx512.h"

#if defined(__x86_64__)
#include <hwy/base.h>
#include <immintrin.h>

#include <algorithm>
#include <cstring>
#include <type_traits>
#include <utility>

HWY_PUSH_ATTRIBUTES("avx512f,avx512bw,avx512vl,avx512dq,avx512bf16")
namespace atlas::cpu {
namespace {

constexpr size_t lanes = 16;
constexpr size_t max_rows = 14;  // 28 sums, 2 vectors of B, 1 of a row: 31 of 32 registers

/// Few rows leave the multipliers waiting for their own results; several sums per element keep them fed.
constexpr size_t sums_for(size_t rows) {
  return rows <= 2 ? 4 : rows <= 4 ? 2 : 1;
}

HWY_INLINE __m512bh load(const void* from) {
  return reinterpret_cast<__m512bh>(_mm512_loadu_si512(from));
}

template <size_t kRows, size_t kVectors, size_t kSums = sums_for(kRows)>
void tile(const Bf16Tile& t) {
  __m512 sum[kSums][kRows][kVectors];
#pragma GCC unroll 4
  for (size_t s = 0; s < kSums; ++s)
#pragma GCC unroll 14
    for (size_t r = 0; r < kRows; ++r)
#pragma GCC unroll 2
      for (size_t v = 0; v < kVectors; ++v) sum[s][r][v] = _mm512_setzero_ps();
  const Bf16* b = t.b;
  const auto* next = static_cast<const std::byte*>(t.next);
  for (size_t chunk = 0; chunk < t.chunks; ++chunk) {
    for (size_t line = 0; line < t.next_lines; ++line, next += 64) __builtin_prefetch(next, 0, 2);
    const Bf16* a = t.a + t.offsets[chunk];
    for (size_t pair = 0; pair < bf16_chunk; pair += 2 * kSums)
#pragma GCC unroll 4
      for (size_t s = 0; s < kSums; ++s, b += 2 * bf16_columns) {
        __m512bh column[kVectors];
#pragma GCC unroll 2
        for (size_t v = 0; v < kVectors; ++v) column[v] = load(b + 2 * v * lanes);
#pragma GCC unroll 14
        for (size_t r = 0; r < kRows; ++r) {
          int32_t both;
          std::memcpy(&both, a + r * t.row_stride + pair + 2 * s, sizeof both);
          const auto row = reinterpret_cast<__m512bh>(_mm512_set1_epi32(both));
#pragma GCC unroll 2
          for (size_t v = 0; v < kVectors; ++v) sum[s][r][v] = _mm512_dpbf16_ps(sum[s][r][v], row, column[v]);
        }
      }
  }
#pragma GCC unroll 14
  for (size_t r = 0; r < kRows; ++r)
#pragma GCC unroll 2
    for (size_t v = 0; v < kVectors; ++v) {
#pragma GCC unroll 4
      for (size_t s = 1; s < kSums; ++s) sum[0][r][v] = _mm512_add_ps(sum[0][r][v], sum[s][r][v]);
      _mm512_storeu_ps(t.sums + r * bf16_columns + v * lanes, sum[0][r][v]);
    }
}

HWY_INLINE void store_rounded(__m512 low, __m512 high, Bf16* to) {
  _mm512_storeu_si512(to, reinterpret_cast<__m512i>(_mm512_cvtne2ps_pbh(high, low)));
}

__mmask16 first_lanes(size_t count) {
  return static_cast<__mmask16>((1u << std::min(count, lanes)) - 1);
}

void fill(const float* rows, size_t stride, size_t count, size_t k, Bf16* to) noexcept {
  for (size_t first = 0; first < k; first += bf16_chunk) {
    const size_t steps = std::min(bf16_chunk, k - first);
    const __mmask16 low = first_lanes(steps),
                    high = steps > lanes ? first_lanes(steps - lanes) : __mmask16{0};
    for (size_t r = 0; r < count; ++r, to += bf16_chunk) {
      const float* from = rows + r * stride + first;
      store_rounded(_mm512_maskz_loadu_ps(low, from), _mm512_maskz_loadu_ps(high, from + lanes), to);
    }
  }
}

void round(const float* from, size_t count, Bf16* to) noexcept {
  size_t i = 0;
  for (; i + bf16_chunk <= count; i += bf16_chunk)
    store_rounded(_mm512_loadu_ps(from + i), _mm512_loadu_ps(from + i + lanes), to + i);
  for (; i < count; ++i) to[i] = to_bf16(from[i]);
}

__m512 load(__mmask16 mask, const float* from) {
  return _mm512_maskz_loadu_ps(mask, from);
}
__m512 load(__mmask16 mask, const Bf16* from) {
  const __m256i upper = _mm256_maskz_loadu_epi16(mask, from);
  return _mm512_castsi512_ps(_mm512_slli_epi32(_mm512_cvtepu16_epi32(upper), 16));
}

template <typename T>
void fill_scaled(const Bf16Blocks<T>& blocks, size_t positions, Bf16* to) {
  const size_t more = blocks.high && blocks.lanes > lanes ? blocks.lanes - lanes : 0;
  const __mmask16 low = first_lanes(blocks.lanes), high = first_lanes(more);
  const T* second = more > 0 ? blocks.high : blocks.low;
  const ChannelScale& scale = blocks.scale;
  const auto of_channels = [&](const float* values, float otherwise, size_t first) {
    return values && first < blocks.lanes ? _mm512_loadu_ps(values + first) : _mm512_set1_ps(otherwise);
  };
  const __m512 low_factor = of_channels(scale.factors, 1, 0),
               high_factor = of_channels(scale.factors, 1, lanes);
  const __m512 low_addend = of_channels(scale.addends, 0, 0),
               high_addend = of_channels(scale.addends, 0, lanes);
  const __m512 least = _mm512_set1_ps(scale.least);
  // Max gives its second operand where that is no number.
  for (size_t p = 0; p < positions; ++p, to += bf16_chunk) {
    const __m512 x = _mm512_fmadd_ps(load(low, blocks.low + p * blocks.stride), low_factor, low_addend);
    const __m512 y = _mm512_fmadd_ps(load(high, second + p * blocks.stride), high_factor, high_addend);
    store_rounded(_mm512_maskz_max_ps(low, least, x), _mm512_maskz_max_ps(high, least, y), to);
  }
}

void fill_blocks(const Bf16Blocks<float>& blocks, size_t positions, Bf16* to) noexcept {
  fill_scaled(blocks, positions, to);
}

void copy_blocks(const Bf16Blocks<Bf16>& blocks, size_t positions, Bf16* to) noexcept {
  if (blocks.scale.factors) return fill_scaled(blocks, positions, to);
  plain_bf16_kernel().copy_blocks(blocks, positions, to);
}

template <typename Residual, typename Output>
void store_rows(const Bf16Store& s) {
  const __m512 bias = _mm512_loadu_ps(s.bias), low = _mm512_set1_ps(s.low), high = _mm512_set1_ps(s.high);
  const float* sums = s.sums;
  const auto* residual = static_cast<const Residual*>(s.residual);
  auto* output = static_cast<Output*>(s.output);
  for (size_t r = 0; r < s.rows; ++r, sums += bf16_columns, output += lanes) {
    __m512 x = _mm512_add_ps(_mm512_loadu_ps(sums), bias);
    if constexpr (std::is_same_v<Residual, Bf16>) {
      const __m256i upper = _mm256_loadu_si256(reinterpret_cast<const __m256i*>(residual + r * lanes));
      x = _mm512_add_ps(x, _mm512_castsi512_ps(_mm512_slli_epi32(_mm512_cvtepu16_epi32(upper), 16)));
    }
    if constexpr (std::is_same_v<Residual, float>)
      x = _mm512_add_ps(x, _mm512_loadu_ps(residual + r * lanes));
    x = _mm512_min_ps(high, _mm512_max_ps(low, x));  // the second operand where one is no number
    if constexpr (std::is_same_v<Output, float>)
      _mm512_storeu_ps(output, x);
    else
      _mm256_storeu_si256(reinterpret_cast<__m256i*>(output),
                          reinterpret_cast<__m256i>(_mm512_cvtneps_pbh(x)));
  }
}

template <typename Residual>
void store_with(const Bf16Store& s) {
  return s.output_is_bf16 ? store_rows<Residual, Bf16>(s) : store_rows<Residual, float>(s);
}

void store(const Bf16Store& s) noexcept {
  if (!s.residual) return store_with<void>(s);
  return s.residual_is_bf16 ? store_with<Bf16>(s) : store_with<float>(s);
}

template <size_t... kIndices>
Bf16Kernel make_kernel(std::index_sequence<kIndices...>) {
  return {max_rows, 1,    {{tile<kIndices + 1, 1>, tile<kIndices + 1, 2>}...}, fill, fill_blocks, copy_blocks,
          round,    store};
}

}  // namespace

const Bf16Kernel& avx512_bf16_kernel() {
  static const Bf16Kernel kernel = make_kernel(std::make_index_sequence<max_rows>());
  return kernel;
}

double avx512_multiply_add_bf16(size_t repeats) {
  constexpr size_t kSums = 12;
  __m512 sums[kSums];
  const auto a = reinterpret_cast<__m512bh>(_mm512_set1_epi32(0x3f803f80)), b = a;
#pragma GCC unroll 12
  for (size_t i = 0; i < kSums; ++i) sums[i] = _mm512_set1_ps(static_cast<float>(i));
  for (size_t r = 0; r < repeats; ++r) {
#pragma GCC unroll 12
    for (size_t i = 0; i < kSums; ++i) sums[i] = _mm512_dpbf16_ps(sums[i], a, b);
  }
  __m512 total = sums[0];
  for (size_t i = 1; i < kSums; ++i) total = _mm512_add_ps(total, sums[i]);
  asm volatile("" : : "v"(total));
  return 2.0 * static_cast<double>(repeats * kSums * 2 * lanes);
}

}  // namespace atlas::cpu
HWY_POP_ATTRIBUTES
#endif
