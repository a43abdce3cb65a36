// How a packed matrix of few bits lies in memory.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>

#include "atlas/targets/cpu/kernels/nbits.h"

namespace atlas::cpu {

/// Columns of a strip: whole vectors on every instruction set.
constexpr size_t nbits_columns = 32;

/// A strip holds its blocks in order: the scales of its columns, then words of 32 bits, one for each column
/// and as many steps of k as it has room for. Zero points, where there are some, follow its last block. Step
/// s of a word is in its bits 8 * (s % 4) + bits * (s / 4) and up, so that bytes of four steps come out by a
/// shift and a mask. Columns are filled up to whole strips with zeros, the steps of the last block to a
/// multiple of 16.
struct NbitsLayout {
  size_t bits, block, blocks, steps;
  size_t zero_size;  // bytes of a zero point

  explicit NbitsLayout(const NbitsShape& shape)
      : bits(shape.bits),
        block(shape.block),
        blocks(shape.blocks()),
        steps(ceil_div(shape.k, size_t{16}) * 16),
        zero_size(shape.zeros == NbitsZeros::Middle  ? 0
                  : shape.zeros == NbitsZeros::Bytes ? 1
                                                     : sizeof(float)) {}

  size_t steps_per_word() const { return 32 / bits; }
  size_t steps_of(size_t b) const { return std::min(block, steps - b * block); }

  static constexpr size_t scale_bytes = nbits_columns * sizeof(float);
  size_t word_bytes(size_t step_count) const { return step_count * bits / 8 * nbits_columns; }
  size_t block_offset(size_t b) const { return b * (scale_bytes + word_bytes(block)); }
  size_t zero_offset() const { return blocks * scale_bytes + word_bytes(steps); }
  size_t strip_bytes() const { return zero_offset() + ceil_div(blocks * nbits_columns * zero_size, 64) * 64; }
};

}  // namespace atlas::cpu
