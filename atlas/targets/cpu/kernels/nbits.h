// Products with a matrix of 2, 4 or 8 bits an element, whose columns are cut into blocks that have a scale
// and a zero point each.
#pragma once

#include <cstddef>
#include <cstdint>

#include "atlas/base/thread_pool.h"
#include "atlas/targets/cpu/kernels/ceil_div.h"
#include "atlas/targets/cpu/kernels/gemm.h"
#include "atlas/targets/cpu/kernels/packer.h"

namespace atlas::cpu {

/// What the zero points of blocks are.
enum class NbitsZeros : uint8_t {
  Middle,  // 2^(bits - 1) for all
  Bytes,   // in as many bits as the elements
  Reals,   // f32
};

/// A matrix of k x n; every column is cut into blocks along k, the last of which may be longer than what is
/// left.
struct NbitsShape {
  size_t n = 0, k = 0;
  size_t bits = 4;    // 2, 4 or 8
  size_t block = 32;  // a power of two, 16 or more
  NbitsZeros zeros = NbitsZeros::Middle;

  size_t blocks() const { return ceil_div(k, block); }  // of a column
  size_t code_bytes() const { return n * blocks() * (block / 8 * bits); }
  size_t scale_count() const { return n * blocks(); }
  /// Bytes of the zero points of a column, each of which starts with a byte of its own.
  size_t zero_bytes() const { return ceil_div(blocks() * bits, 8); }
};

/// The matrix as models have it: an element is (code - zero point) * scale.
struct NbitsMatrix {
  const uint8_t* codes;                 // [n][blocks][block], low bits first
  const float* scales;                  // [n][blocks]
  const uint8_t* zero_bytes = nullptr;  // with NbitsZeros::Bytes: [n][zero_bytes()], low bits first
  const float* zero_reals = nullptr;    // with NbitsZeros::Reals: [n][blocks]
};

/// Finds the matrix. For fillers alone, as WeightFinder.
using NbitsFinder = FunctionRef<NbitsMatrix()>;

/// In the order in which the kernels read it, with as many bits an element. Valid under every instruction
/// set. As a PanelSource it is the right operand of gemm(), in f32.
class PackedNbits : public PanelSource {
 public:
  PackedNbits(const NbitsShape& shape, NbitsFinder matrix, ThreadPool& pool, Packer& packer);

  const NbitsShape& shape() const { return shape_; }
  const std::byte* data() const { return memory_.get(); }
  void write(size_t column, size_t columns, size_t first, size_t steps, size_t width,
             float* to) const noexcept override;

 private:
  NbitsShape shape_;
  PackedMemory memory_;
};

/// C = A B + bias, A m x k and C m x n in f32, without gaps between rows; `bias` one for each column, or
/// null. Few rows read B with the bits that it has; for many it is widened block by block.
void multiply_nbits(size_t m, const float* a, const PackedNbits& b, const float* bias, float* c,
                    ThreadPool& pool);

}  // namespace atlas::cpu
