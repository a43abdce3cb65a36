// Without instructions of their own the two bfloat16s of a pair are widened to f32 and multiplied there.
#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "atlas/targets/cpu/kernels/bf16_kernel.cpp"
#include <hwy/foreach_target.h>
// After foreach_target.
#include <hwy/highway.h>

#include <algorithm>
#include <cstring>
#include <type_traits>
#include <utility>

#include "atlas/targets/cpu/kernels/amx_bf16.h"
#include "atlas/targets/cpu/kernels/bf16_avx512.h"
#include "atlas/targets/cpu/kernels/bf16_kernel.h"
#include "atlas/targets/cpu/kernels/dispatch.h"
#include "atlas/targets/cpu/kernels/extrema-inl.h"
#include "atlas/targets/cpu/kernels/numbers-inl.h"
#include "atlas/targets/cpu/kernels/pack_panel.h"

HWY_BEFORE_NAMESPACE();
namespace atlas::cpu {
namespace HWY_NAMESPACE {
namespace hn = hwy::HWY_NAMESPACE;

using D = hn::ScalableTag<float>;
using D32 = hn::RebindToUnsigned<D>;
constexpr size_t lanes = hn::MaxLanes(D());

#if HWY_TARGET == HWY_AVX3
constexpr size_t max_rows = 6;  // 24 sums or fewer, and what is widened
#else
constexpr size_t max_rows = 4;
#endif

/// One vector of pairs at a time, two sums for each row: of the first and of the second steps.
template <size_t kRows, size_t kHalves>
void tile(const Bf16Tile& t) {
  const D d;
  const D32 d32;
  const auto upper = hn::Set(d32, 0xffff0000u);
  for (size_t column = 0; column < kHalves * bf16_columns / 2; column += lanes) {
    hn::Vec<D> first[kRows], second[kRows];
#pragma GCC unroll 6
    for (size_t r = 0; r < kRows; ++r) first[r] = second[r] = hn::Zero(d);
    const Bf16* b = t.b + 2 * column;
    for (size_t chunk = 0; chunk < t.chunks; ++chunk) {
      const Bf16* a = t.a + t.offsets[chunk];
      for (size_t pair = 0; pair < bf16_chunk; pair += 2, b += 2 * bf16_columns) {
        const auto both = hn::LoadU(d32, reinterpret_cast<const uint32_t*>(b));
        const auto low = hn::BitCast(d, hn::ShiftLeft<16>(both)), high = hn::BitCast(d, hn::And(both, upper));
#pragma GCC unroll 6
        for (size_t r = 0; r < kRows; ++r) {
          uint32_t bits;
          std::memcpy(&bits, a + r * t.row_stride + pair, sizeof bits);
          const auto row = hn::Set(d32, bits);
          first[r] = hn::MulAdd(hn::BitCast(d, hn::ShiftLeft<16>(row)), low, first[r]);
          second[r] = hn::MulAdd(hn::BitCast(d, hn::And(row, upper)), high, second[r]);
        }
      }
    }
#pragma GCC unroll 6
    for (size_t r = 0; r < kRows; ++r)
      hn::StoreU(hn::Add(first[r], second[r]), d, t.sums + r * bf16_columns + column);
  }
}

void pack_pairs(const float* from, size_t k, float factor, Bf16* to) {
  const D d;
  const auto factors = hn::Set(d, factor);
  const size_t steps = (k + bf16_chunk - 1) / bf16_chunk * bf16_chunk;
  for (size_t step = 0; step < steps; step += 2, from += 2 * bf16_columns, to += 2 * bf16_columns)
    for (size_t j = 0; j < bf16_columns; j += lanes) {
      const auto bits = [&](size_t i) HWY_ATTR {
        if (step + i >= k) return hn::Zero(D32());
        return rounded_bits(d, hn::Mul(hn::LoadU(d, from + i * bf16_columns + j), factors));
      };
      hn::StoreU(hn::Or(bits(0), hn::ShiftLeft<16>(bits(1))), D32(), reinterpret_cast<uint32_t*>(to + 2 * j));
    }
}

void round(const float* from, size_t count, Bf16* to) noexcept {
  const D d;
  size_t i = 0;
  for (; i + lanes <= count; i += lanes) store_numbers(hn::LoadU(d, from + i), d, to + i);
  for (; i < count; ++i) to[i] = to_bf16(from[i]);
}

void fill(const float* rows, size_t stride, size_t count, size_t k, Bf16* to) noexcept {
  for (size_t first = 0; first < k; first += bf16_chunk) {
    const size_t steps = std::min(bf16_chunk, k - first);
    for (size_t r = 0; r < count; ++r, to += bf16_chunk) {
      round(rows + r * stride + first, steps, to);
      std::fill(to + steps, to + bf16_chunk, Bf16{0});
    }
  }
}

template <typename T>
void fill_half(const T* from, const ChannelScale& scale, size_t stride, size_t positions, size_t valid,
               Bf16* to) {
  const D d;
  constexpr size_t half = bf16_chunk / 2;
  for (size_t p = 0; p < positions; ++p, to += bf16_chunk) {
    for (size_t c = 0; c < half; c += lanes) {
      auto x = from ? load_numbers(d, from + p * stride + c) : hn::Zero(d);
      if (from && scale.factors) {
        const auto addend = scale.addends ? hn::LoadU(d, scale.addends + c) : hn::Zero(d);
        x = max_keeping_nan(hn::Set(d, scale.least), hn::MulAdd(x, hn::LoadU(d, scale.factors + c), addend));
      }
      x = hn::IfThenElseZero(hn::FirstN(d, valid > c ? valid - c : 0), x);
      store_numbers(x, d, to + c);
    }
  }
}

template <typename T>
void fill_both(const Bf16Blocks<T>& blocks, size_t positions, Bf16* to) {
  constexpr size_t half = bf16_chunk / 2;
  fill_half(blocks.low, blocks.scale, blocks.stride, positions, std::min(blocks.lanes, half), to);
  fill_half(blocks.high, blocks.scale.at(half), blocks.stride, positions,
            blocks.lanes > half ? blocks.lanes - half : 0, to + half);
}

void fill_blocks(const Bf16Blocks<float>& blocks, size_t positions, Bf16* to) noexcept {
  fill_both(blocks, positions, to);
}

void copy_half(const Bf16* from, size_t stride, size_t positions, size_t valid, Bf16* to) {
  const hn::CappedTag<Bf16, bf16_chunk / 2> d;
  constexpr size_t step = hn::MaxLanes(d);
  for (size_t p = 0; p < positions; ++p, to += bf16_chunk)
    for (size_t c = 0; c < bf16_chunk / 2; c += step) {
      const auto x = from ? hn::LoadU(d, from + p * stride + c) : hn::Zero(d);
      hn::StoreU(hn::IfThenElseZero(hn::FirstN(d, valid > c ? valid - c : 0), x), d, to + c);
    }
}

void copy_blocks(const Bf16Blocks<Bf16>& blocks, size_t positions, Bf16* to) noexcept {
  if (blocks.scale.factors) return fill_both(blocks, positions, to);
  constexpr size_t half = bf16_chunk / 2;
  copy_half(blocks.low, blocks.stride, positions, std::min(blocks.lanes, half), to);
  copy_half(blocks.high, blocks.stride, positions, blocks.lanes > half ? blocks.lanes - half : 0, to + half);
}

template <typename Residual, typename Output>
void store_rows(const Bf16Store& s) {
  const D d;
  constexpr size_t half = bf16_columns / 2;
  const auto low = hn::Set(d, s.low), high = hn::Set(d, s.high);
  for (size_t c = 0; c < half; c += lanes) {
    const auto bias = hn::LoadU(d, s.bias + c);
    const float* sums = s.sums + c;
    const auto* residual = static_cast<const Residual*>(s.residual);
    auto* output = static_cast<Output*>(s.output) + c;
    for (size_t r = 0; r < s.rows; ++r, sums += bf16_columns, output += half) {
      auto x = hn::Add(hn::LoadU(d, sums), bias);
      if constexpr (!std::is_void_v<Residual>) x = hn::Add(x, load_numbers(d, residual + r * half + c));
      x = min_keeping_nan(high, max_keeping_nan(low, x));
      store_numbers(x, d, output);
    }
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

const Bf16Kernel& get_bf16_kernel() {
  static const Bf16Kernel kernel = make_kernel(std::make_index_sequence<max_rows>());
  return kernel;
}

}  // namespace HWY_NAMESPACE
}  // namespace atlas::cpu
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace atlas::cpu {
HWY_EXPORT(get_bf16_kernel);
HWY_EXPORT(pack_pairs);

const Bf16Kernel& plain_bf16_kernel() {
  return ATLAS_DISPATCH(get_bf16_kernel)();
}

const Bf16Kernel& bf16_kernel() {
#if defined(__x86_64__)
  if (active_isa() == Isa::Amx) return amx_bf16_kernel();
  if (active_isa() == Isa::Avx512Bf16) return avx512_bf16_kernel();
#endif
  return plain_bf16_kernel();
}

bool has_bf16_products() {
  return active_isa() == Isa::Avx512Bf16 || active_isa() == Isa::Amx;
}

void pack_bf16_columns(const float* b, size_t column_stride, size_t k_stride, size_t columns, size_t k,
                       float factor, float* memory, Bf16* to) {
  pack_panel(b, column_stride, k_stride, columns, k, bf16_columns, memory);
  pack_bf16_panel(memory, k, factor, to);
}

size_t bf16_tasks(double products, double numbers, size_t threads) {
  constexpr double products_of_a_number = 80;  // that take as long
  return tile_tasks(products + products_of_a_number * numbers, threads);
}

void pack_bf16_panel(const float* from, size_t k, float factor, Bf16* to) {
  ATLAS_DISPATCH(pack_pairs)(from, k, factor, to);
}

}  // namespace atlas::cpu
#endif
