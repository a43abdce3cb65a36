// Intrinsics: Highway has no names for tiles. Digits of rows are three tiles, signed codes of 16 columns are
// one; what three products give is put together in f32 once for each group of steps.
#include "atlas/targets/cpu/kernels/nbits_tiles.h"

#include "atlas/targets/cpu/kernels/isa.h"

#if defined(__x86_64__)
#include <atomic>
#include <cstring>

#include "atlas/targets/cpu/kernels/nbits_avx512.h"
#include "atlas/targets/cpu/kernels/nbits_groups.h"
#include "atlas/targets/cpu/kernels/scratch.h"

HWY_PUSH_ATTRIBUTES("avx512f,avx512bw,avx512vl,avx512dq,amx-tile,amx-int8")
namespace atlas::cpu {
namespace {

constexpr size_t lanes = 16, halves = nbits_columns / lanes, digits = nbits_digits;
constexpr size_t most_rows = 16;   // of a tile
constexpr size_t slab_rows = 256;  // whose digits are in memory at once
constexpr size_t chunk_steps =
    1024;  // so many steps of a slab stay in the second cache, and of a strip in the first

/// What LDTILECFG reads. Tiles 0 to 2 hold sums, 3 to 5 digits, 6 and 7 codes.
struct alignas(64) Shapes {
  uint8_t palette = 1, start_row = 0, reserved[14] = {};
  uint16_t bytes[16] = {};
  uint8_t height[16] = {};

  Shapes(size_t rows, size_t steps) {
    for (size_t i = 0; i < 8; ++i) {
      bytes[i] = static_cast<uint16_t>(i >= 3 && i < 6 ? steps : 64);
      height[i] = static_cast<uint8_t>(i < 6 ? rows : steps / 4);
    }
  }
};

/// The digits of some rows: [tile][group][digit][row of the tile][step of the group].
struct Slab {
  size_t rows, tiles, tile_rows, groups, length;
  int8_t* digit;
  NbitsGroup* group;  // [tile][group][row of the tile]

  Slab(size_t row_count, const NbitsLayout& layout)
      : rows(row_count),
        tiles(ceil_div(rows, most_rows)),
        tile_rows(ceil_div(rows, tiles)),
        groups(ceil_div(layout.steps, group_steps(layout))),
        length(group_steps(layout)) {}

  size_t digit_bytes() const { return tiles * groups * digits * tile_rows * length; }
  size_t group_bytes() const { return tiles * groups * tile_rows * sizeof(NbitsGroup); }
  size_t rows_of(size_t tile) const { return std::min(tile_rows, rows - tile * tile_rows); }
  int8_t* digits_of(size_t tile, size_t g) const {
    return digit + (tile * groups + g) * digits * tile_rows * length;
  }
  NbitsGroup* groups_of(size_t tile, size_t g) const { return group + (tile * groups + g) * tile_rows; }
};

bool write_tile(const Slab& slab, size_t tile, size_t k, const float* a) {
  bool finite = true;
  for (size_t r = 0; r < slab.tile_rows; ++r)  // rows behind the last are zeros
    for (size_t g = 0; g < slab.groups; ++g) {
      const size_t first = g * slab.length;
      const size_t given = r < slab.rows_of(tile) && k > first ? std::min(slab.length, k - first) : 0;
      finite = write_digits(a + (given ? r * k + first : 0), given, slab.length, slab.tile_rows * slab.length,
                            slab.digits_of(tile, g) + r * slab.length, slab.groups_of(tile, g)[r]) &&
               finite;
    }
  return finite;
}

/// Codes less the middle one, of steps [first, end) of a strip: quads of steps in order, in each its columns.
template <size_t kBits>
void unpack(const NbitsLayout& layout, const std::byte* strip, size_t first, size_t end, int8_t* to) {
  constexpr size_t quads = 8 / kBits;
  const __m512i mask = _mm512_set1_epi8(static_cast<char>((1 << kBits) - 1));
  const __m512i middle = _mm512_set1_epi8(static_cast<char>(1 << (kBits - 1)));
  for (size_t step = first; step < end;) {
    const size_t b = step / layout.block, inside = step - b * layout.block;
    const size_t block_end = std::min(end, (b + 1) * layout.block);
    const std::byte* words = strip + layout.block_offset(b) + layout.scale_bytes + layout.word_bytes(inside);
    for (; step < block_end; step += 4 * quads, words += 4 * nbits_columns, to += 4 * quads * nbits_columns)
      for (size_t h = 0; h < halves; ++h) {
        const __m512i word = _mm512_loadu_si512(words + h * 64);
        __builtin_prefetch(words + h * 64 + 2048);
#pragma GCC unroll 4
        for (size_t q = 0; q < quads; ++q) {
          const __m512i code = kBits == 8 ? word : _mm512_and_si512(_mm512_srli_epi32(word, kBits * q), mask);
          _mm512_storeu_si512(to + (q * halves + h) * 64, _mm512_sub_epi8(code, middle));
        }
      }
  }
}

__mmask16 half_mask(size_t columns, size_t half) {
  const size_t count = columns > half * lanes ? columns - half * lanes : 0;
  return static_cast<__mmask16>(count >= lanes ? 0xFFFF : (1u << count) - 1);
}

struct alignas(64) Sums {
  int32_t of[digits][most_rows][lanes];
};

/// totals += what the digits' sums stand for, for rows [begin, end).
HWY_INLINE void add(const Sums& sums, const NbitsGroup* group, size_t begin, size_t end, __m512 scale,
                    const __m512* shift, float* totals) {
  for (size_t r = begin; r < end; ++r) {
    const __m512i low = _mm512_add_epi32(_mm512_slli_epi32(_mm512_load_si512(sums.of[1][r]), 8),
                                         _mm512_load_si512(sums.of[2][r]));
    __m512 all = _mm512_fmadd_ps(_mm512_cvtepi32_ps(_mm512_load_si512(sums.of[0][r])),
                                 _mm512_set1_ps(65536.0f), _mm512_cvtepi32_ps(low));
    all = _mm512_mul_ps(all, _mm512_set1_ps(group[r].scale));
    if (shift) all = _mm512_fnmadd_ps(*shift, _mm512_set1_ps(group[r].sum), all);
    float* total = totals + r * nbits_columns;
    _mm512_store_ps(total, _mm512_fmadd_ps(scale, all, _mm512_load_ps(total)));
  }
}

/// One group of a tile of rows times a strip. Between the products, which leave the vectors idle, `aside` is
/// called with 0 to 5.
template <typename Aside>
HWY_INLINE void multiply_group(const int8_t* a, size_t digit_bytes, size_t length, const int8_t* codes,
                               Sums* sums, const Aside& aside) {
  constexpr size_t pitch = 4 * nbits_columns;  // bytes of a quad of steps
  _tile_loadd(6, codes, pitch);
  _tile_loadd(3, a, length);
  _tile_zero(0);
  _tile_dpbssd(0, 3, 6);
  aside(0);
  _tile_loadd(4, a + digit_bytes, length);
  _tile_zero(1);
  _tile_dpbssd(1, 4, 6);
  _tile_stored(0, sums[0].of[0], 64);
  aside(1);
  _tile_loadd(5, a + 2 * digit_bytes, length);
  _tile_zero(2);
  _tile_dpbssd(2, 5, 6);
  _tile_stored(1, sums[0].of[1], 64);
  aside(2);
  _tile_loadd(7, codes + 64, pitch);
  _tile_zero(0);
  _tile_dpbssd(0, 3, 7);
  _tile_stored(2, sums[0].of[2], 64);
  aside(3);
  _tile_zero(1);
  _tile_dpbssd(1, 4, 7);
  _tile_stored(0, sums[1].of[0], 64);
  aside(4);
  _tile_zero(2);
  _tile_dpbssd(2, 5, 7);
  _tile_stored(1, sums[1].of[1], 64);
  aside(5);
  _tile_stored(2, sums[1].of[2], 64);
}

/// Groups [begin, end) of a tile of rows times a strip whose codes lie at `codes`. The sums of a group are
/// put together while the tiles of the next one are busy.
void multiply_groups(const NbitsLayout& layout, const std::byte* strip, const int8_t* codes, const Slab& slab,
                     size_t tile, size_t begin, size_t end, float* totals) {
  constexpr size_t parts = 3;  // of the rows
  Sums sums[2][halves];
  const size_t rows = slab.rows_of(tile), digit_bytes = slab.tile_rows * slab.length;
  const auto put_together = [&](size_t g, size_t part) {
    const size_t b = g * slab.length / layout.block, half = part / parts;
    const Sums& from = sums[g % 2][half];
    const NbitsGroup* group = slab.groups_of(tile, g);
    const size_t first = part % parts * rows / parts, last = (part % parts + 1) * rows / parts;
    const float* scales = reinterpret_cast<const float*>(strip + layout.block_offset(b)) + half * lanes;
    const __m512 scale = _mm512_loadu_ps(scales);
    if (layout.zero_size == 0) return add(from, group, first, last, scale, nullptr, totals + half * lanes);
    const __m512 shift = zeros_less_middle(layout, strip, b, half * lanes);
    add(from, group, first, last, scale, &shift, totals + half * lanes);
  };
  for (size_t g = begin; g < end; ++g, codes += slab.length * nbits_columns)
    multiply_group(slab.digits_of(tile, g), digit_bytes, slab.length, codes, sums[g % 2], [&](size_t part) {
      if (g > begin) put_together(g - 1, part);
    });
  for (size_t part = 0; part < halves * parts; ++part) put_together(end - 1, part);
}

/// Rows of a tile's results, from and to memory that has no room for more columns.
void load_rows(const float* from, size_t stride, size_t rows, size_t columns, float* totals) {
  for (size_t r = 0; r < rows; ++r)
    for (size_t h = 0; h < halves; ++h)
      _mm512_store_ps(totals + r * nbits_columns + h * lanes,
                      _mm512_maskz_loadu_ps(half_mask(columns, h), from + r * stride + h * lanes));
}

void store_rows(const float* totals, size_t stride, size_t rows, size_t columns, float* to) {
  for (size_t r = 0; r < rows; ++r)
    for (size_t h = 0; h < halves; ++h)
      _mm512_mask_storeu_ps(to + r * stride + h * lanes, half_mask(columns, h),
                            _mm512_load_ps(totals + r * nbits_columns + h * lanes));
}

/// Strips [begin, end) of the product of a slab.
void multiply_strips(const NbitsLayout& layout, const PackedNbits& b, const Slab& slab, const float* bias,
                     float* c, size_t begin, size_t end) {
  const size_t n = b.shape().n;
  const auto unpack_strip = layout.bits == 2 ? unpack<2> : layout.bits == 4 ? unpack<4> : unpack<8>;
  Scratch memory((chunk_steps + slab.length) * nbits_columns);
  int8_t* codes = memory.as<int8_t>();
  const Shapes shapes(slab.tile_rows, slab.length);
  _tile_loadconfig(&shapes);
  for (size_t first = 0; first < layout.steps; first += chunk_steps) {
    const size_t last = std::min(first + chunk_steps, layout.steps);
    for (size_t at = begin; at < end; ++at) {
      const std::byte* strip = b.data() + at * layout.strip_bytes();
      const size_t column = at * nbits_columns, columns = std::min(nbits_columns, n - column);
      std::memset(codes + (last - first) * nbits_columns, 0, slab.length * nbits_columns);
      unpack_strip(layout, strip, first, last, codes);
      asm volatile("" : : : "memory");  // what tiles read is in memory now
      for (size_t tile = 0; tile < slab.tiles; ++tile) {
        alignas(64) float totals[most_rows * nbits_columns] = {};
        float* to = c + tile * slab.tile_rows * n + column;
        const size_t rows = slab.rows_of(tile);
        if (first > 0)
          load_rows(to, n, rows, columns, totals);
        else if (bias)
          load_rows(bias + column, 0, rows, columns, totals);
        multiply_groups(layout, strip, codes, slab, tile, first / slab.length, ceil_div(last, slab.length),
                        totals);
        store_rows(totals, n, rows, columns, to);
      }
    }
  }
  _tile_release();
}

}  // namespace

bool multiply_nbits_tiles(size_t m, const float* a, const PackedNbits& b, const float* bias, float* c,
                          ThreadPool& pool) {
  if (active_isa() != Isa::Amx) return false;
  const NbitsLayout layout(b.shape());
  const size_t k = b.shape().k, n = b.shape().n, strips = ceil_div(n, nbits_columns);
  const size_t slabs = ceil_div(m, slab_rows);
  for (size_t s = 0; s < slabs; ++s) {
    const size_t first = s * m / slabs;
    Slab slab((s + 1) * m / slabs - first, layout);
    Scratch memory(ceil_div(slab.digit_bytes(), size_t{64}) * 64 + slab.group_bytes());
    slab.digit = memory.as<int8_t>();
    slab.group = reinterpret_cast<NbitsGroup*>(slab.digit + ceil_div(slab.digit_bytes(), size_t{64}) * 64);
    std::atomic<bool> finite = true;
    pool.parallel_for(slab.tiles, 1, [&](size_t begin, size_t end) {
      for (size_t tile = begin; tile < end; ++tile)
        if (!write_tile(slab, tile, k, a + (first + tile * slab.tile_rows) * k)) finite = false;
    });
    if (!finite) return false;
    const size_t grain = ceil_div(strips, 4 * pool.size());
    pool.parallel_for(strips, grain, [&](size_t begin, size_t end) {
      multiply_strips(layout, b, slab, bias, c + first * n, begin, end);
    });
  }
  return true;
}

}  // namespace atlas::cpu
HWY_POP_ATTRIBUTES
#else
namespace atlas::cpu {

bool multiply_nbits_tiles(size_t, const float*, const PackedNbits&, const float*, float*, ThreadPool&) {
  return false;
}

}  // namespace atlas::cpu
#endif
