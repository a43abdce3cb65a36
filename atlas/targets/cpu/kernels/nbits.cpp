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

/// Four neighbours of the lowest bits, each in a byte of its own.
uint32_t bytes_of_pairs(uint32_t four) {
  four = (four | four << 12) & 0x000F000F;
  return (four | four << 6) & 0x03030303;
}

uint32_t bytes_of_nibbles(uint32_t four) {
  four = (four | four << 8) & 0x00FF00FF;
  return (four | four << 4) & 0x0F0F0F0F;
}

/// Spreads the numbers of a word, in the order of the model, to the bits that the layout gives them.
uint32_t spread(const uint8_t* from, size_t bits) {
  uint32_t word = 0;
  for (size_t i = 0; i < sizeof word; ++i) word |= static_cast<uint32_t>(from[i]) << (8 * i);
  if (bits == 8) return word;
  if (bits == 4) return bytes_of_nibbles(word & 0xFFFF) | bytes_of_nibbles(word >> 16) << 4;
  return bytes_of_pairs(word & 0xFF) | bytes_of_pairs(word >> 8 & 0xFF) << 2 |
         bytes_of_pairs(word >> 16 & 0xFF) << 4 | bytes_of_pairs(word >> 24) << 6;
}

void fill_block(const NbitsShape& shape, const NbitsLayout& layout, const NbitsMatrix& matrix, size_t b,
                size_t column, std::byte* strip) {
  const size_t lane = column % nbits_columns, at = column * layout.blocks + b;
  std::byte* to = strip + layout.block_offset(b) + lane * sizeof(uint32_t);
  std::memcpy(to, matrix.scales + at, sizeof(float));
  to += layout.scale_bytes;
  const uint8_t* from = matrix.codes + at * (shape.block / 8 * shape.bits);
  const size_t words = layout.steps_of(b) / layout.steps_per_word();
  for (size_t word = 0; word < words; ++word) {
    const uint32_t steps = spread(from + word * sizeof steps, shape.bits);
    std::memcpy(to + word * nbits_columns * sizeof steps, &steps, sizeof steps);
  }
  std::byte* zero = strip + layout.zero_offset() + (b * nbits_columns + lane) * layout.zero_size;
  if (shape.zeros == NbitsZeros::Bytes)
    *zero = static_cast<std::byte>(number(matrix.zero_bytes + column * shape.zero_bytes(), shape.bits, b));
  if (shape.zeros == NbitsZeros::Reals) std::memcpy(zero, matrix.zero_reals + at, sizeof(float));
}

void fill(const NbitsShape& shape, const NbitsMatrix& matrix, std::byte* to, ThreadPool& pool) {
  const NbitsLayout layout(shape);
  pool.parallel_for(ceil_div(shape.n, nbits_columns), 1, [&](size_t begin, size_t end) {
    for (size_t strip = begin; strip < end; ++strip) {
      std::byte* at = to + strip * layout.strip_bytes();
      const size_t first = strip * nbits_columns, last = std::min(shape.n, first + nbits_columns);
      const bool gaps = last - first < nbits_columns || layout.zero_size > 0;
      if (gaps) std::memset(at, 0, layout.strip_bytes());
      // Block by block, which the first cache holds while its columns come.
      for (size_t b = 0; b < layout.blocks; ++b)
        for (size_t column = first; column < last; ++column) fill_block(shape, layout, matrix, b, column, at);
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
  if (m <= most_nbits_rows && multiply_nbits_rows(m, a, b, bias, c, pool)) return;
  GemmOptions options;
  options.epilogue.column_bias = bias;
  gemm({m, n, k}, MatrixView{a, k, 1}, b, c, n, options, pool);
}

}  // namespace atlas::cpu
