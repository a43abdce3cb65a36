// Intrinsics: Highway compiles for the baseline of aarch64, which has no dot products.
#include "atlas/targets/cpu/kernels/neon_dot.h"

#if defined(__aarch64__)
#include <arm_neon.h>
#include <asm/hwcap.h>
#include <sys/auxv.h>

#include <algorithm>
#include <cstring>
#include <utility>

#pragma GCC push_options
#pragma GCC target("arch=armv8.2-a+dotprod")
namespace atlas::cpu {
namespace {

constexpr size_t max_rows = 6, vectors = 4;  // 24 sums, 6 rows, and a vector of B at a time
constexpr size_t lanes = 4, chunk = IgemmKernel::chunk;
constexpr size_t panel_step = 4 * igemm_columns;  // bytes of a quad of a panel of B

template <size_t kRows>
void tile(const IgemmTile& t) noexcept {
  for (size_t column = 0; column < t.columns; column += vectors * lanes) {
    int32x4_t sum[kRows][vectors];
#pragma GCC unroll 6
    for (size_t r = 0; r < kRows; ++r)
#pragma GCC unroll 4
      for (size_t v = 0; v < vectors; ++v) sum[r][v] = vld1q_s32(t.start + column + v * lanes);
    const int8_t* b = t.b + 4 * column;
    const int8_t* next = t.next;
    for (size_t c = 0; c < t.chunk_count; ++c) {
      for (size_t line = 0; line < t.next_lines; ++line, next += 64) __builtin_prefetch(next, 0, 2);
      const auto* a = reinterpret_cast<const int8_t*>(t.a) + t.chunks[c].offset;
      const auto quads = static_cast<size_t>(t.chunks[c].quads);
      size_t quad = 0;
      for (; quad + 4 <= quads; quad += 4, b += 4 * panel_step) {
        int8x16_t row[kRows];  // four quads
#pragma GCC unroll 6
        for (size_t r = 0; r < kRows; ++r) row[r] = vld1q_s8(a + r * t.row_stride + 4 * quad);
        const auto step = [&]<int kQuad>(std::integral_constant<int, kQuad>) {
#pragma GCC unroll 4
          for (size_t v = 0; v < vectors; ++v) {
            const int8x16_t columns = vld1q_s8(b + kQuad * panel_step + v * 16);
#pragma GCC unroll 6
            for (size_t r = 0; r < kRows; ++r) sum[r][v] = vdotq_laneq_s32(sum[r][v], columns, row[r], kQuad);
          }
        };
        step(std::integral_constant<int, 0>());
        step(std::integral_constant<int, 1>());
        step(std::integral_constant<int, 2>());
        step(std::integral_constant<int, 3>());
      }
      for (; quad < quads; ++quad, b += panel_step)
#pragma GCC unroll 6
        for (size_t r = 0; r < kRows; ++r) {
          int32_t bytes;
          std::memcpy(&bytes, a + r * t.row_stride + 4 * quad, sizeof bytes);
          const int8x16_t row = vreinterpretq_s8_s32(vdupq_n_s32(bytes));
#pragma GCC unroll 4
          for (size_t v = 0; v < vectors; ++v) sum[r][v] = vdotq_s32(sum[r][v], vld1q_s8(b + v * 16), row);
        }
    }
#pragma GCC unroll 6
    for (size_t r = 0; r < kRows; ++r)
#pragma GCC unroll 4
      for (size_t v = 0; v < vectors; ++v)
        vst1q_s32(t.sums + r * igemm_columns + column + v * lanes, sum[r][v]);
  }
}

void fill(const uint8_t* const* rows, size_t count, size_t k, uint8_t flip, std::byte* to) noexcept {
  for (size_t first = 0; first < k; first += chunk) {
    const size_t steps = std::min(chunk, k - first);
    for (size_t r = 0; r < count; ++r, to += chunk) {
      auto* bytes = reinterpret_cast<uint8_t*>(to);
      for (size_t i = 0; i < steps; ++i) bytes[i] = rows[r][first + i] ^ flip;
      std::memset(bytes + steps, 0, chunk - steps);
    }
  }
}

template <size_t... kIndices>
IgemmKernel make_kernel(std::index_sequence<kIndices...>) {
  return {max_rows, chunk, true, true, fill, plain_igemm_kernel().depthwise, {tile<kIndices + 1>...}};
}

}  // namespace

const IgemmKernel& dot_igemm_kernel() {
  static const IgemmKernel kernel = make_kernel(std::make_index_sequence<max_rows>());
  return kernel;
}

}  // namespace atlas::cpu
#pragma GCC pop_options

namespace atlas::cpu {

bool has_dot_products() {
  return (getauxval(AT_HWCAP) & HWCAP_ASIMDDP) != 0;
}

}  // namespace atlas::cpu
#endif
