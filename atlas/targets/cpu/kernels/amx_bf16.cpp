// Intrinsics: Highway has no names for tiles. Four of the eight registers hold sums, 32 rows by 32 columns.
#include "atlas/targets/cpu/kernels/amx_bf16.h"

#if defined(__x86_64__)
#include <hwy/base.h>
#include <immintrin.h>

#include <utility>

#include "atlas/targets/cpu/kernels/amx.h"
#include "atlas/targets/cpu/kernels/bf16_avx512.h"
#include "atlas/targets/cpu/kernels/split_kernel.h"

HWY_PUSH_ATTRIBUTES("amx-tile,amx-bf16")
namespace atlas::cpu {
namespace {

constexpr size_t tile_rows = 16;
constexpr size_t pair_bytes = 2 * bf16_columns * sizeof(Bf16);  // of a panel

template <bool kTwoRows, bool kTwoColumns>
HWY_INLINE void zero_sums() {
  _tile_zero(0);
  if constexpr (kTwoColumns) _tile_zero(1);
  if constexpr (kTwoRows) _tile_zero(2);
  if constexpr (kTwoRows && kTwoColumns) _tile_zero(3);
}

template <bool kTwoRows, bool kTwoColumns>
HWY_INLINE void store_sums(float* sums) {
  constexpr size_t stride = bf16_columns * sizeof(float);
  float* below = sums + tile_rows * bf16_columns;
  _tile_stored(0, sums, stride);
  if constexpr (kTwoColumns) _tile_stored(1, sums + 16, stride);
  if constexpr (kTwoRows) _tile_stored(2, below, stride);
  if constexpr (kTwoRows && kTwoColumns) _tile_stored(3, below + 16, stride);
}

/// Rows that fill no whole tile are computed from what lies behind them: their sums are not looked at.
template <size_t kRows, bool kTwoColumns>
void tile(const Bf16Tile& t) {
  constexpr bool kTwoRows = kRows > tile_rows;
  const size_t row_bytes = t.row_stride * sizeof(Bf16);
  zero_sums<kTwoRows, kTwoColumns>();
  const Bf16* b = t.b;
  const auto* next = static_cast<const std::byte*>(t.next);
  for (size_t chunk = 0; chunk < t.chunks; ++chunk, b += bf16_panel_step) {
    for (size_t line = 0; line < t.next_lines; ++line, next += 64) __builtin_prefetch(next, 0, 2);
    const Bf16* a = t.a + t.offsets[chunk];
    _tile_loadd(4, a, row_bytes);
    _tile_loadd(6, b, pair_bytes);
    _tile_dpbf16ps(0, 4, 6);
    if constexpr (kTwoRows) {
      _tile_loadd(5, a + tile_rows * t.row_stride, row_bytes);
      _tile_dpbf16ps(2, 5, 6);
    }
    if constexpr (kTwoColumns) {
      _tile_loadd(7, b + bf16_columns, pair_bytes);
      _tile_dpbf16ps(1, 4, 7);
      if constexpr (kTwoRows) _tile_dpbf16ps(3, 5, 7);
    }
  }
  store_sums<kTwoRows, kTwoColumns>(t.sums);
}

/// As tile, of factors in three parts. From one product of parts to the next at least one side stays where it
/// is; the smallest come first.
template <size_t kRows, bool kTwoColumns>
void split_tile(const Bf16Tile& t) {
  constexpr bool kTwoRows = kRows > tile_rows;
  const size_t row_bytes = t.row_stride * sizeof(Bf16);
  zero_sums<kTwoRows, kTwoColumns>();
  const Bf16* b = t.b;
  const auto* next = static_cast<const std::byte*>(t.next);
  for (size_t chunk = 0; chunk < t.chunks; ++chunk, b += split_parts * bf16_panel_step) {
    for (size_t line = 0; line < t.next_lines; ++line, next += 64) __builtin_prefetch(next, 0, 2);
    const Bf16* a = t.a + t.offsets[chunk];
    const auto load_rows = [&](size_t part) {
      _tile_loadd(4, a + part * bf16_chunk, row_bytes);
      if constexpr (kTwoRows) _tile_loadd(5, a + part * bf16_chunk + tile_rows * t.row_stride, row_bytes);
    };
    const auto load_columns = [&](size_t part) {
      _tile_loadd(6, b + part * bf16_panel_step, pair_bytes);
      if constexpr (kTwoColumns) _tile_loadd(7, b + part * bf16_panel_step + bf16_columns, pair_bytes);
    };
    const auto multiply = [] {
      _tile_dpbf16ps(0, 4, 6);
      if constexpr (kTwoRows) _tile_dpbf16ps(2, 5, 6);
      if constexpr (kTwoColumns) _tile_dpbf16ps(1, 4, 7);
      if constexpr (kTwoRows && kTwoColumns) _tile_dpbf16ps(3, 5, 7);
    };
    load_rows(2);
    load_columns(0);
    multiply();
    load_rows(1);
    multiply();
    load_columns(1);
    multiply();
    load_rows(0);
    multiply();
    load_columns(2);
    multiply();
    load_columns(0);
    multiply();
  }
  store_sums<kTwoRows, kTwoColumns>(t.sums);
  mend_sums(t, kRows, kTwoColumns ? 32 : 16);
}

template <size_t... kIndices>
Bf16Kernel make_split_kernel(const Bf16Kernel& plain, std::index_sequence<kIndices...>) {
  Bf16Kernel kernel = plain;
  kernel.rows = Bf16Kernel::max_rows;
  ((kernel.tile[kIndices][0] = split_tile<kIndices + 1, false>,
    kernel.tile[kIndices][1] = split_tile<kIndices + 1, true>),
   ...);
  kernel.enter = enter_tiles;
  kernel.leave = leave_tiles;
  return kernel;
}

template <size_t... kIndices>
Bf16Kernel make_kernel(std::index_sequence<kIndices...>) {
  Bf16Kernel kernel = avx512_bf16_kernel();
  kernel.rows = Bf16Kernel::max_rows;
  // A row or a few wait for memory, and would leave most of a tile empty.
  constexpr size_t few_rows = 4;
  const auto set = [&](size_t row, auto one, auto two) {
    if (row < few_rows) return;
    kernel.tile[row][0] = one;
    kernel.tile[row][1] = two;
  };
  (set(kIndices, tile<kIndices + 1, false>, tile<kIndices + 1, true>), ...);
  kernel.enter = enter_tiles;
  kernel.leave = leave_tiles;
  return kernel;
}

}  // namespace

const Bf16Kernel& amx_bf16_kernel() {
  static const Bf16Kernel kernel = make_kernel(std::make_index_sequence<Bf16Kernel::max_rows>());
  return kernel;
}

Bf16Kernel amx_split_kernel(const Bf16Kernel& plain) {
  return make_split_kernel(plain, std::make_index_sequence<Bf16Kernel::max_rows>());
}

double amx_multiply_add_bf16(size_t repeats) {
  enter_tiles();
  alignas(64) const Bf16 ones[tile_rows * bf16_chunk] = {0x3f80};
  _tile_zero(0);
  _tile_zero(1);
  _tile_zero(2);
  _tile_zero(3);
  _tile_loadd(4, ones, 64);
  _tile_loadd(5, ones, 64);
  for (size_t r = 0; r < repeats; ++r) {
    _tile_dpbf16ps(0, 4, 5);
    _tile_dpbf16ps(1, 4, 5);
    _tile_dpbf16ps(2, 4, 5);
    _tile_dpbf16ps(3, 4, 5);
  }
  leave_tiles();
  return 2.0 * static_cast<double>(repeats * 4 * tile_rows * 16 * bf16_chunk);
}

}  // namespace atlas::cpu
HWY_POP_ATTRIBUTES
#endif
