// The product of packed panels over one block of k: what matrix products and convolutions share.
#pragma once

#include <cstddef>

#include "atlas/targets/cpu/kernels/epilogue.h"
#include "atlas/targets/cpu/kernels/gemm_kernel.h"

namespace atlas::cpu {

struct GemmBlock {
  size_t k = 0;
  const float* a = nullptr;  // panels of `a_width` rows, the last one with what is left
  size_t a_width = 0;
  size_t rows = 0;
  const float* b = nullptr;  // panels of kernel.columns() columns, filled with zeros
  size_t columns = 0;
  float* c = nullptr;
  size_t c_stride = 0;
  float alpha = 1;
  float beta = 0;
  const Epilogue* epilogue = nullptr;  // null unless this is the last block of k
};

/// C = alpha A B + beta C, then the epilogue, on the calling thread.
void multiply(const GemmKernel& kernel, const GemmBlock& block) noexcept;

/// One register tile at C: `rows` x `columns`, whatever the number of columns up to kernel.columns().
/// `b_stride`: floats between the steps of B, of which whole vectors are read.
void multiply_tile(const GemmKernel& kernel, const GemmBlock& block, const float* a, size_t rows,
                   const float* b, size_t b_stride, size_t columns, float* c) noexcept;

}  // namespace atlas::cpu
