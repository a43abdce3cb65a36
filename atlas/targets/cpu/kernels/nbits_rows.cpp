// Codes are masked, not shifted: their factors are divided by what the shift would have been.
#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "atlas/targets/cpu/kernels/nbits_rows.cpp"
#include <hwy/foreach_target.h>
// After foreach_target.
#include <hwy/highway.h>

#include <cmath>
#include <cstring>

#include "atlas/targets/cpu/kernels/dispatch.h"
#include "atlas/targets/cpu/kernels/nbits_layout.h"
#include "atlas/targets/cpu/kernels/nbits_rows.h"
#include "atlas/targets/cpu/kernels/nbits_strips.h"
#include "atlas/targets/cpu/kernels/nbits_zeros-inl.h"
#include "atlas/targets/cpu/kernels/scratch.h"

#ifndef ATLAS_CPU_NBITS_ROWS_ONCE
#define ATLAS_CPU_NBITS_ROWS_ONCE
namespace atlas::cpu {

/// Rows as the kernels read them: for each word of codes the factors of its fields, lowest first.
struct NbitsRows {
  const float* factors;  // [rows][steps]
  const float* sums;     // [rows][blocks]
};

}  // namespace atlas::cpu
#endif

HWY_BEFORE_NAMESPACE();
namespace atlas::cpu {
namespace HWY_NAMESPACE {

using D = hn::ScalableTag<float>;
using DI = hn::RebindToSigned<D>;
using DU = hn::RebindToUnsigned<D>;
constexpr size_t lanes = hn::MaxLanes(D());
#if HWY_TARGET == HWY_AVX3
constexpr size_t registers = 32;
#else
constexpr size_t registers = 16;
#endif
constexpr size_t prefetch_words = 512;  // ahead: processors fetch by themselves to the end of a page only

/// The product of rows and kVectors vectors of columns of a strip, from column `column` on.
template <size_t kBits, size_t kRows, size_t kVectors, size_t kSums>
HWY_INLINE void multiply_columns(const NbitsLayout& layout, NbitsZeros zeros, const std::byte* strip,
                                 size_t column, const NbitsRows& rows, float* totals) {
  constexpr size_t fields = 32 / kBits;
  const D d;
  const DI di;
  const DU du;
  hn::Vec<D> total[kRows][kVectors];
#pragma GCC unroll 4
  for (size_t r = 0; r < kRows; ++r)
#pragma GCC unroll 4
    for (size_t v = 0; v < kVectors; ++v) total[r][v] = hn::Zero(d);
  const float* factors = rows.factors;
  for (size_t b = 0; b < layout.blocks; ++b) {
    const std::byte* from = strip + layout.block_offset(b);
    const float* scales = reinterpret_cast<const float*>(from) + column;
    const uint32_t* words = reinterpret_cast<const uint32_t*>(from + layout.scale_bytes) + column;
    hn::Vec<D> sum[kSums][kRows][kVectors];
#pragma GCC unroll 4
    for (size_t s = 0; s < kSums; ++s)
#pragma GCC unroll 4
      for (size_t r = 0; r < kRows; ++r)
#pragma GCC unroll 4
        for (size_t v = 0; v < kVectors; ++v) sum[s][r][v] = hn::Zero(d);
    for (size_t left = layout.steps_of(b); left > 0; left -= fields) {
      hn::Vec<DU> word[kVectors];
#pragma GCC unroll 4
      for (size_t v = 0; v < kVectors; ++v) word[v] = hn::LoadU(du, words + v * lanes);
      __builtin_prefetch(words + prefetch_words, 0, 3);
#pragma GCC unroll 16
      for (size_t f = 0; f < fields; ++f) {
        hn::Vec<D> code[kVectors];
#pragma GCC unroll 4
        for (size_t v = 0; v < kVectors; ++v) {
          const auto bits = f + 1 == fields
                                ? hn::ShiftRight<32 - kBits>(word[v])
                                : hn::And(word[v], hn::Set(du, ((1u << kBits) - 1) << (kBits * f)));
          code[v] = hn::ConvertTo(d, hn::BitCast(di, bits));
        }
#pragma GCC unroll 4
        for (size_t r = 0; r < kRows; ++r) {
          const auto factor = hn::Set(d, factors[r * layout.steps + f]);
#pragma GCC unroll 4
          for (size_t v = 0; v < kVectors; ++v)
            sum[f % kSums][r][v] = hn::MulAdd(factor, code[v], sum[f % kSums][r][v]);
        }
      }
      factors += fields;
      words += nbits_columns;
    }
#pragma GCC unroll 4
    for (size_t v = 0; v < kVectors; ++v) {
      const auto scale = hn::LoadU(d, scales + v * lanes);
      const auto zero = zeros_of(d, layout, zeros, strip, b, column + v * lanes);
#pragma GCC unroll 4
      for (size_t r = 0; r < kRows; ++r) {
        auto all = sum[0][r][v];
#pragma GCC unroll 4
        for (size_t s = 1; s < kSums; ++s) all = hn::Add(all, sum[s][r][v]);
        all = hn::NegMulAdd(zero, hn::Set(d, rows.sums[r * layout.blocks + b]), all);
        total[r][v] = hn::MulAdd(scale, all, total[r][v]);
      }
    }
  }
#pragma GCC unroll 4
  for (size_t r = 0; r < kRows; ++r)
#pragma GCC unroll 4
    for (size_t v = 0; v < kVectors; ++v)
      hn::StoreU(total[r][v], d, totals + r * nbits_columns + column + v * lanes);
}

template <size_t kBits, size_t kRows>
void multiply_strip_of(const NbitsLayout& layout, NbitsZeros zeros, const std::byte* strip,
                       const NbitsRows& rows, float* totals) {
  // As many columns at once as registers hold sums of.
  constexpr size_t all = nbits_columns / lanes, room = registers / 2 / kRows;
  constexpr size_t vectors = all < room ? all : room < 4 ? room : 4;
  constexpr size_t sums = vectors * kRows * 2 <= registers / 4 ? 2 : 1;
  for (size_t column = 0; column < nbits_columns; column += vectors * lanes)
    multiply_columns<kBits, kRows, vectors, sums>(layout, zeros, strip, column, rows, totals);
}

template <size_t kBits>
void multiply_strip_bits(const NbitsLayout& layout, NbitsZeros zeros, const std::byte* strip, size_t m,
                         const NbitsRows& rows, float* totals) {
  switch (m) {
    case 1:
      return multiply_strip_of<kBits, 1>(layout, zeros, strip, rows, totals);
    case 2:
      return multiply_strip_of<kBits, 2>(layout, zeros, strip, rows, totals);
    case 3:
      return multiply_strip_of<kBits, 3>(layout, zeros, strip, rows, totals);
    default:
      return multiply_strip_of<kBits, 4>(layout, zeros, strip, rows, totals);
  }
}

void multiply_strip(const NbitsLayout& layout, NbitsZeros zeros, const std::byte* strip, size_t m,
                    const NbitsRows& rows, float* totals) {
  switch (layout.bits) {
    case 2:
      return multiply_strip_bits<2>(layout, zeros, strip, m, rows, totals);
    case 4:
      return multiply_strip_bits<4>(layout, zeros, strip, m, rows, totals);
    default:
      return multiply_strip_bits<8>(layout, zeros, strip, m, rows, totals);
  }
}

}  // namespace HWY_NAMESPACE
}  // namespace atlas::cpu
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace atlas::cpu {
HWY_EXPORT(multiply_strip);

namespace {

/// Where step `field` of a word stands among its steps.
size_t step_of(size_t bits, size_t field) {
  const size_t bit = field * bits;
  return bit / 8 + 4 * (bit % 8 / bits);
}

/// False where a sum is not finite.
bool arrange_row(const NbitsLayout& layout, size_t k, const float* a, float* factors, float* sums) {
  bool finite = true;
  const size_t fields = layout.steps_per_word();
  for (size_t b = 0; b < layout.blocks; ++b) {
    const size_t end = std::min(k, (b + 1) * layout.block);
    sums[b] = 0;
    for (size_t i = b * layout.block; i < end; ++i) sums[b] += a[i];
    finite = finite && std::isfinite(sums[b]);
  }
  size_t steps[16];
  float parts[16];
  for (size_t f = 0; f < fields; ++f) {
    steps[f] = step_of(layout.bits, f);
    parts[f] = f + 1 == fields ? 1.0f : std::ldexp(1.0f, -static_cast<int>(layout.bits * f));
  }
  for (size_t first = 0; first < layout.steps; first += fields)
    for (size_t f = 0; f < fields; ++f) {
      const size_t i = first + steps[f];
      factors[first + f] = i < k ? a[i] * parts[f] : 0.0f;
    }
  return finite;
}

}  // namespace

bool multiply_nbits_rows(size_t m, const float* a, const PackedNbits& b, const float* bias, float* c,
                         ThreadPool& pool) {
  const auto [n, k, bits, block, zeros] = b.shape();
  const NbitsLayout layout(b.shape());
  constexpr size_t rows_at_once = 4;
  Scratch memory(m * (layout.steps + layout.blocks) * sizeof(float));
  float* factors = memory.as<float>();
  float* sums = factors + m * layout.steps;
  for (size_t r = 0; r < m; ++r)
    if (!arrange_row(layout, k, a + r * k, factors + r * layout.steps, sums + r * layout.blocks))
      return false;

  for_each_strip(m, rows_at_once, b, bias, c, pool,
                 [&](const std::byte* strip, size_t first, size_t rows, float* totals) {
                   const NbitsRows part{factors + first * layout.steps, sums + first * layout.blocks};
                   ATLAS_DISPATCH(multiply_strip)(layout, zeros, strip, rows, part, totals);
                 });
  return true;
}

}  // namespace atlas::cpu
#endif
