// Pairs of 16-bit products added into 32-bit sums: no intermediate saturates.
#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "atlas/targets/cpu/kernels/igemm_tile.cpp"
#include <hwy/foreach_target.h>
// After foreach_target.
#include <hwy/highway.h>

#include <cstring>

#include "atlas/targets/cpu/kernels/dispatch.h"
#include "atlas/targets/cpu/kernels/igemm_tile.h"

HWY_BEFORE_NAMESPACE();
namespace atlas::cpu {
namespace HWY_NAMESPACE {
namespace hn = hwy::HWY_NAMESPACE;

using D32 = hn::ScalableTag<int32_t>;
using D16 = hn::ScalableTag<int16_t>;
constexpr size_t lanes = hn::MaxLanes(D32());
constexpr size_t vectors = 2;  // per pass over A: 12 sums, which 16 registers hold

template <size_t kRows>
void tile(size_t pairs, const int16_t* a, const int16_t* b, int32_t* c, size_t c_stride) noexcept {
  const D32 d32;
  const D16 d16;
  for (size_t column = 0; column < igemm_columns; column += vectors * lanes) {
    hn::Vec<D32> sums[kRows][vectors], others[kRows][vectors];  // the others stay 0 but on NEON
#pragma GCC unroll 6
    for (size_t r = 0; r < kRows; ++r)
#pragma GCC unroll 2
      for (size_t v = 0; v < vectors; ++v) sums[r][v] = others[r][v] = hn::Zero(d32);
    const int16_t* row = a;
    const int16_t* panel = b + 2 * column;
    for (size_t pair = 0; pair < pairs; ++pair, row += 2 * igemm_rows, panel += 2 * igemm_columns) {
      hn::Vec<D16> columns[vectors];
#pragma GCC unroll 2
      for (size_t v = 0; v < vectors; ++v) columns[v] = hn::LoadU(d16, panel + v * 2 * lanes);
#pragma GCC unroll 6
      for (size_t r = 0; r < kRows; ++r) {
        int32_t both;  // the pair of this row
        std::memcpy(&both, row + 2 * r, sizeof both);
        const auto factor = hn::BitCast(d16, hn::Set(d32, both));
#pragma GCC unroll 2
        for (size_t v = 0; v < vectors; ++v)
          sums[r][v] = hn::ReorderWidenMulAccumulate(d32, factor, columns[v], sums[r][v], others[r][v]);
      }
    }
#pragma GCC unroll 6
    for (size_t r = 0; r < kRows; ++r)
#pragma GCC unroll 2
      for (size_t v = 0; v < vectors; ++v)
        hn::StoreU(hn::RearrangeToOddPlusEven(sums[r][v], others[r][v]), d32,
                   c + r * c_stride + column + v * lanes);
  }
}

void run_tile(size_t pairs, const int16_t* a, const int16_t* b, size_t rows, int32_t* c, size_t c_stride) {
  switch (rows) {
    case 1:
      return tile<1>(pairs, a, b, c, c_stride);
    case 2:
      return tile<2>(pairs, a, b, c, c_stride);
    case 3:
      return tile<3>(pairs, a, b, c, c_stride);
    case 4:
      return tile<4>(pairs, a, b, c, c_stride);
    case 5:
      return tile<5>(pairs, a, b, c, c_stride);
    default:
      return tile<6>(pairs, a, b, c, c_stride);
  }
}

}  // namespace HWY_NAMESPACE
}  // namespace atlas::cpu
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace atlas::cpu {
HWY_EXPORT(run_tile);

void igemm_tile(size_t pairs, const int16_t* a, const int16_t* b, size_t rows, int32_t* c, size_t c_stride) {
  ATLAS_DISPATCH(run_tile)(pairs, a, b, rows, c, c_stride);
}

}  // namespace atlas::cpu
#endif
