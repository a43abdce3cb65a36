// Intrinsics: Highway has no names for tiles. Four of the eight registers hold sums, 32 rows by 32 columns.
#include "atlas/targets/cpu/kernels/amx.h"

#if defined(__x86_64__)
#include <cpuid.h>
#include <hwy/base.h>
#include <immintrin.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <utility>
#include <vector>

#include "atlas/targets/cpu/kernels/vnni.h"

HWY_PUSH_ATTRIBUTES("amx-tile,amx-int8")
namespace atlas::cpu {
namespace {

constexpr size_t tile_rows = 16, row_bytes = 64;
constexpr size_t chunk = IgemmKernel::chunk;
constexpr size_t panel_stride = 4 * igemm_columns;  // bytes of a quad of a panel of B

/// What LDTILECFG reads: four tiles of sums, two of A and two of B.
struct alignas(64) TileShapes {
  uint8_t palette = 1, start_row = 0, reserved[14] = {};
  uint16_t bytes[16] = {};
  uint8_t rows[16] = {};

  explicit TileShapes(size_t quads = tile_rows) {
    for (size_t i = 0; i < 8; ++i) {
      bytes[i] = static_cast<uint16_t>(i == 4 || i == 5 ? 4 * quads : row_bytes);
      rows[i] = static_cast<uint8_t>(i >= 6 ? quads : tile_rows);
    }
  }
};

/// Rows that fill no whole tile are computed from what lies behind them, and columns likewise: their sums are
/// not looked at. Steps behind the last are zero in A.
template <size_t kRows, bool kTwoColumns>
void tile(const IgemmTile& t) noexcept {
  constexpr bool kTwoRows = kRows > tile_rows;
  _tile_loadd(0, t.start, 0);
  if constexpr (kTwoColumns) _tile_loadd(1, t.start + 16, 0);
  if constexpr (kTwoRows) _tile_loadd(2, t.start, 0);
  if constexpr (kTwoRows && kTwoColumns) _tile_loadd(3, t.start + 16, 0);
  const int8_t* b = t.b;
  const int8_t* next = t.next;
  for (size_t c = 0; c < t.chunk_count; b += static_cast<size_t>(t.chunks[c].quads) * panel_stride, ++c) {
    for (size_t line = 0; line < t.next_lines; ++line, next += 64) __builtin_prefetch(next, 0, 2);
    const std::byte* a = t.a + t.chunks[c].offset;
    _tile_loadd(4, a, t.row_stride);
    _tile_loadd(6, b, panel_stride);
    _tile_dpbusd(0, 4, 6);
    if constexpr (kTwoRows) {
      _tile_loadd(5, a + tile_rows * t.row_stride, t.row_stride);
      _tile_dpbusd(2, 5, 6);
    }
    if constexpr (kTwoColumns) {
      _tile_loadd(7, b + row_bytes, panel_stride);
      _tile_dpbusd(1, 4, 7);
      if constexpr (kTwoRows) _tile_dpbusd(3, 5, 7);
    }
  }
  constexpr size_t stride = igemm_columns * sizeof(int32_t);
  int32_t* below = t.sums + tile_rows * igemm_columns;
  _tile_stored(0, t.sums, stride);
  if constexpr (kTwoColumns) _tile_stored(1, t.sums + 16, stride);
  if constexpr (kTwoRows) _tile_stored(2, below, stride);
  if constexpr (kTwoRows && kTwoColumns) _tile_stored(3, below + 16, stride);
}

template <size_t kRows>
void tile_of(const IgemmTile& t) noexcept {
  return t.columns <= 16 ? tile<kRows, false>(t) : tile<kRows, true>(t);
}

template <size_t... kIndices>
IgemmKernel make_kernel(std::index_sequence<kIndices...>) {
  IgemmKernel kernel = vnni_igemm_kernel;
  kernel.rows = IgemmKernel::max_rows;
  // A row or a few wait for memory, and would leave most of a tile empty.
  constexpr size_t few_rows = 4;
  ((kIndices < few_rows ? void() : void(kernel.tile[kIndices] = tile_of<kIndices + 1>)), ...);
  kernel.enter = enter_byte_tiles;
  kernel.leave = leave_tiles;
  return kernel;
}

bool ask_for_amx() {
  unsigned a = 0, b = 0, c = 0, d = 0;
  constexpr unsigned wanted = 1u << 22 | 1u << 24 | 1u << 25;  // bfloat16, tiles, 8-bit integers
  if (!__get_cpuid_count(7, 0, &a, &b, &c, &d) || (d & wanted) != wanted) return false;
  // arch_prctl(ARCH_REQ_XCOMP_PERM, XFEATURE_XTILEDATA): the state of tiles is saved for those who ask only.
  return syscall(SYS_arch_prctl, 0x1023, 18) == 0;
}

}  // namespace

bool may_use_amx() {
  static const bool allowed = ask_for_amx();
  return allowed;
}

void enter_tiles() {
  static const TileShapes shapes;
  _tile_loadconfig(&shapes);
}

void enter_byte_tiles(size_t quads) {
  static const std::vector<TileShapes> shapes = [] {
    std::vector<TileShapes> of_quads;
    for (size_t i = 0; i <= tile_rows; ++i) of_quads.emplace_back(i);
    return of_quads;
  }();
  _tile_loadconfig(&shapes[quads]);
}

void leave_tiles() {
  _tile_release();
}

const IgemmKernel& amx_igemm_kernel() {
  static const IgemmKernel kernel = make_kernel(std::make_index_sequence<IgemmKernel::max_rows>());
  return kernel;
}

double amx_multiply_add_integers(size_t repeats) {
  enter_tiles();
  alignas(64) const int8_t ones[tile_rows * row_bytes] = {1};
  _tile_zero(0);
  _tile_zero(1);
  _tile_zero(2);
  _tile_zero(3);
  _tile_loadd(4, ones, row_bytes);
  _tile_loadd(5, ones, row_bytes);
  for (size_t r = 0; r < repeats; ++r) {
    _tile_dpbusd(0, 4, 5);
    _tile_dpbusd(1, 4, 5);
    _tile_dpbusd(2, 4, 5);
    _tile_dpbusd(3, 4, 5);
  }
  leave_tiles();
  return 2.0 * static_cast<double>(repeats * 4 * tile_rows * 16 * row_bytes);
}

}  // namespace atlas::cpu
HWY_POP_ATTRIBUTES
#endif
