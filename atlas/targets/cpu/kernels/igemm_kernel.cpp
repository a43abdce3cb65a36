// Bytes widened to 16 bits, so that no sum of two products saturates; every second step of k at a time, for
// a shift does the widening.
#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "atlas/targets/cpu/kernels/igemm_kernel.cpp"
#include <hwy/foreach_target.h>
// After foreach_target.
#include <hwy/highway.h>

#include <algorithm>
#include <cstring>
#include <utility>

#include "atlas/targets/cpu/kernels/amx.h"
#include "atlas/targets/cpu/kernels/dispatch.h"
#include "atlas/targets/cpu/kernels/igemm_kernel.h"
#include "atlas/targets/cpu/kernels/neon_dot.h"
#include "atlas/targets/cpu/kernels/vnni.h"

HWY_BEFORE_NAMESPACE();
namespace atlas::cpu {
namespace HWY_NAMESPACE {
namespace hn = hwy::HWY_NAMESPACE;

using D32 = hn::ScalableTag<int32_t>;
using D16 = hn::ScalableTag<int16_t>;
using D8 = hn::ScalableTag<uint8_t>;
constexpr size_t lanes = hn::MaxLanes(D32());
constexpr size_t vectors = 2;
constexpr size_t chunk = IgemmKernel::chunk;
constexpr size_t chunk_bytes = 2 * chunk;  // of a row: the even steps of its quads, then the odd ones

#if HWY_TARGET == HWY_AVX3
constexpr size_t max_rows = 12;
#else
constexpr size_t max_rows = 6;  // 12 sums of 16 registers
#endif

template <size_t kRows>
void tile(const IgemmTile& t) noexcept {
  const D32 d32;
  const D16 d16;
  for (size_t column = 0; column < t.columns; column += vectors * lanes) {
    hn::Vec<D32> sum[kRows][vectors], other[kRows][vectors];  // the others stay 0 but on NEON
#pragma GCC unroll 12
    for (size_t r = 0; r < kRows; ++r)
#pragma GCC unroll 2
      for (size_t v = 0; v < vectors; ++v) {
        sum[r][v] = other[r][v] = hn::Zero(d32);
      }
    const int8_t* panel = t.b + 4 * column;
    for (size_t c = 0; c < t.chunk_count; ++c) {
      const std::byte* rows = t.a + t.chunks[c].offset;
      const auto quads = static_cast<size_t>(t.chunks[c].quads);
      for (size_t at = 0; at < quads; ++at, panel += 4 * igemm_columns) {
        const auto step = [&](bool odd) HWY_ATTR {
          hn::Vec<D16> factors[vectors];
#pragma GCC unroll 2
          for (size_t v = 0; v < vectors; ++v) {
            factors[v] = hn::LoadU(d16, reinterpret_cast<const int16_t*>(panel) + v * 2 * lanes);
            if (!odd) factors[v] = hn::ShiftLeft<8>(factors[v]);
            factors[v] = hn::ShiftRight<8>(factors[v]);
          }
#pragma GCC unroll 12
          for (size_t r = 0; r < kRows; ++r) {
            int32_t both;  // the two steps of this row
            std::memcpy(&both, rows + r * t.row_stride + (odd ? chunk : 0) + at * sizeof both, sizeof both);
            const auto factor = hn::BitCast(d16, hn::Set(d32, both));
#pragma GCC unroll 2
            for (size_t v = 0; v < vectors; ++v)
              sum[r][v] = hn::ReorderWidenMulAccumulate(d32, factor, factors[v], sum[r][v], other[r][v]);
          }
        };
        step(false);
        step(true);
      }
    }
#pragma GCC unroll 12
    for (size_t r = 0; r < kRows; ++r)
#pragma GCC unroll 2
      for (size_t v = 0; v < vectors; ++v)
        hn::StoreU(hn::Add(hn::LoadU(d32, t.start + column + v * lanes),
                           hn::RearrangeToOddPlusEven(sum[r][v], other[r][v])),
                   d32, t.sums + r * igemm_columns + column + v * lanes);
  }
}

void fill(const uint8_t* const* rows, size_t count, size_t k, uint8_t flip, std::byte* to) noexcept {
  const D8 d8;
  const D16 d16;
  const auto flips = hn::Set(d8, flip);
  const auto low = hn::Set(d16, 0xFF);
  for (size_t first = 0; first < k; first += chunk)
    for (size_t r = 0; r < count; ++r, to += chunk_bytes) {
      const uint8_t* from = rows[r] + first;
      uint8_t tail[chunk] = {};
      if (k - first < chunk) {
        std::memcpy(tail, from, k - first);
        from = tail;
      }
      for (size_t at = 0; at < chunk; at += 4 * lanes) {
        const auto pairs = hn::BitCast(d16, hn::Xor(hn::LoadU(d8, from + at), flips));
        hn::StoreU(hn::And(pairs, low), d16, reinterpret_cast<int16_t*>(to + at));
        const auto odd = hn::ShiftRight<8>(hn::BitCast(hn::RebindToUnsigned<D16>(), pairs));
        hn::StoreU(hn::BitCast(d16, odd), d16, reinterpret_cast<int16_t*>(to + chunk + at));
      }
    }
}

void depthwise(const DepthwiseTaps& taps, size_t pixels, const uint8_t* x, size_t pixel_stride,
               const int8_t* weights, const int32_t* start, int32_t* sums) noexcept {
  const D32 d32;
  const D16 d16;
  const auto low = hn::Set(d16, 0xFF);
  for (size_t p = 0; p < pixels; ++p, x += pixel_stride, sums += igemm_columns)
    for (size_t c = 0; c < igemm_columns; c += lanes) {
      auto sum = hn::Zero(d32), other = hn::Zero(d32);
      const int8_t* weight = weights + 4 * c;
      for (size_t quad = 0; quad < taps.quads; ++quad)
        for (size_t step = 0; step < taps.steps; ++step, weight += 4 * igemm_columns) {
          const uint8_t* from = x + quad * taps.quad_stride + step * taps.step_stride + 4 * c;
          const auto levels = hn::LoadU(d16, reinterpret_cast<const int16_t*>(from));
          const auto factors = hn::LoadU(d16, reinterpret_cast<const int16_t*>(weight));
          const auto odd = hn::ShiftRight<8>(hn::BitCast(hn::RebindToUnsigned<D16>(), levels));
          sum = hn::ReorderWidenMulAccumulate(d32, hn::And(levels, low),
                                              hn::ShiftRight<8>(hn::ShiftLeft<8>(factors)), sum, other);
          sum = hn::ReorderWidenMulAccumulate(d32, hn::BitCast(d16, odd), hn::ShiftRight<8>(factors), sum,
                                              other);
        }
      hn::StoreU(hn::Add(hn::LoadU(d32, start + c), hn::RearrangeToOddPlusEven(sum, other)), d32, sums + c);
    }
}

void interleave(const uint8_t* const* rows, size_t count, uint8_t flip, uint8_t* to) {
  const D8 d;
  constexpr size_t bytes = hn::MaxLanes(d);
  const auto flips = hn::Set(d, flip);
  size_t i = 0;
  for (; i + bytes <= count; i += bytes) {
    const auto row = [&](size_t r) HWY_ATTR { return hn::Xor(hn::LoadU(d, rows[r] + i), flips); };
    hn::StoreInterleaved4(row(0), row(1), row(2), row(3), d, to + 4 * i);
  }
  for (; i < count; ++i)
    for (size_t r = 0; r < 4; ++r) to[4 * i + r] = static_cast<uint8_t>(rows[r][i] ^ flip);
}

template <size_t... kIndices>
IgemmKernel make_kernel(std::index_sequence<kIndices...>) {
  return {max_rows, chunk_bytes, false, false, fill, depthwise, {tile<kIndices + 1>...}};
}

const IgemmKernel& get_igemm_kernel() {
  static const IgemmKernel kernel = make_kernel(std::make_index_sequence<max_rows>());
  return kernel;
}

}  // namespace HWY_NAMESPACE
}  // namespace atlas::cpu
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace atlas::cpu {
HWY_EXPORT(get_igemm_kernel);
HWY_EXPORT(interleave);

EvenChunks::EvenChunks(size_t steps)
    : count((steps + IgemmKernel::chunk - 1) / IgemmKernel::chunk),
      quads(count == 0 ? 0 : ((steps + 3) / 4 + count - 1) / count) {}

const IgemmKernel& igemm_kernel() {
#if defined(__x86_64__)
  if (active_isa() == Isa::Amx) return amx_igemm_kernel();
  if (active_isa() >= Isa::Avx512Vnni) return vnni_igemm_kernel;
#endif
#if defined(__aarch64__)
  if (active_isa() == Isa::NeonDot) return dot_igemm_kernel();
#endif
  return plain_igemm_kernel();
}

const IgemmKernel& plain_igemm_kernel() {
  return ATLAS_DISPATCH(get_igemm_kernel)();
}

void interleave_quads(const uint8_t* const* rows, size_t count, uint8_t flip, uint8_t* to) {
  ATLAS_DISPATCH(interleave)(rows, count, flip, to);
}

}  // namespace atlas::cpu
#endif
