// Packing, and the choice between few rows and many.
#include "atlas/targets/cpu/kernels/nbits.h"

#include <cstring>

#include "atlas/targets/cpu/kernels/nbits_digits.h"
#include "atlas/targets/cpu/kernels/nbits_layout.h"
#include "atlas/targets/cpu/kernels/nbits_rows.h"
#include "atlas/targets/cpu/kernels/nbits_tiles.h"

namespace atlas::cpu {
namespace {

/// Number `i` of `bits` bits each, low bits first.
uint32_t number(const uint8_t* from, size_t bits, size_t i) {
  return from[i * bits / 8] >> (i * bits % 8) & ((1u << bits) - 1);
}

/// Spreads the numbers of a word, in the order of the model, to the bits that the layout gives them.
uint32_t spread(const uint8_t* from, size_t bits) {
  uint32_t word = 0;
  for (size_t step = 0; step < 32 / bits; ++step)
    word |= number(from, bits, step) << (8 * (step % 4) + bits * (step / 4));
  return word;
}

void fill_column(const NbitsShape& shape, const NbitsLayout& layout, const NbitsMatrix& matrix, size_t column,
                 std::byte* strip) {
  const size_t lane = column % nbits_columns, block_bytes = shape.block / 8 * shape.bits;
  for (size_t b = 0; b < layout.blocks; ++b) {
    const size_t at = column * layout.blocks + b;
    std::byte* to = strip + layout.block_offset(b);
    std::memcpy(to + lane * sizeof(float), matrix.scales + at, sizeof(float));
    to += layout.scale_bytes + lane * sizeof(uint32_t);
    const uint8_t* from = matrix.codes + at * block_bytes;
    for (size_t word = 0; word < layout.steps_of(b) / layout.steps_per_word(); ++word) {
      const uint32_t steps = spread(from + word * sizeof(uint32_t), shape.bits);
      std::memcpy(to + word * nbits_columns * sizeof steps, &steps, sizeof steps);
    }
    const size_t zero = b * nbits_columns + lane;
    if (shape.zeros == NbitsZeros::Bytes)
      strip[layout.zero_offset() + zero] =
          static_cast<std::byte>(number(matrix.zero_bytes + column * shape.zero_bytes(), shape.bits, b));
    if (shape.zeros == NbitsZeros::Reals)
      std::memcpy(strip + layout.zero_offset() + zero * sizeof(float), matrix.zero_reals + at, sizeof(float));
  }
}

void fill(const NbitsShape& shape, const NbitsMatrix& matrix, std::byte* to, ThreadPool& pool) {
  const NbitsLayout layout(shape);
  pool.parallel_for(ceil_div(shape.n, nbits_columns), 1, [&](size_t begin, size_t end) {
    for (size_t strip = begin; strip < end; ++strip) {
      std::byte* at = to + strip * layout.strip_bytes();
      const size_t first = strip * nbits_columns, last = std::min(shape.n, first + nbits_columns);
      const bool gaps = last - first < nbits_columns || layout.zero_size > 0;
      if (gaps) std::memset(at, 0, layout.strip_bytes());
      for (size_t column = first; column < last; ++column) fill_column(shape, layout, matrix, column, at);
    }
  });
}

}  // namespace

PackedNbits::PackedNbits(const NbitsShape& shape, NbitsFinder matrix, ThreadPool& pool, Packer& packer)
    : shape_(shape),
      memory_(packer.pack(ceil_div(shape.n, nbits_columns) * NbitsLayout(shape).strip_bytes(),
                          [&](std::byte* to) { fill(shape, matrix(), to, pool); })) {}

void multiply_nbits(size_t m, const float* a, const PackedNbits& b, const float* bias, float* c,
                    ThreadPool& pool) {
  const auto [n, k, bits, block, zeros] = b.shape();
  if (m == 0 || n == 0) return;
  constexpr size_t fewest_tile_rows = 9;
  if (m >= fewest_tile_rows && multiply_nbits_tiles(m, a, b, bias, c, pool)) return;
  if (m <= most_digit_rows && multiply_nbits_digits(m, a, b, bias, c, pool)) return;
  if (m <= most_nbits_rows) return multiply_nbits_rows(m, a, b, bias, c, pool);
  GemmOptions options;
  options.epilogue.column_bias = bias;
  gemm({m, n, k}, MatrixView{a, k, 1}, b, c, n, options, pool);
}

}  // namespace atlas::cpu
