// Loops of tiles ordered so that a panel of B stays in the first cache and a stack of A panels in the second.
#include "atlas/targets/cpu/kernels/gemm_block.h"

#include <algorithm>

namespace atlas::cpu {
namespace {

constexpr size_t a_stack_bytes = 384 * 1024;
constexpr size_t b_resident_bytes = 24 * 1024;
constexpr size_t largest_tile = GemmKernel::max_rows * 32;

}  // namespace

void multiply_tile(const GemmKernel& kernel, const GemmBlock& block, const float* a, size_t rows,
                   const float* b, size_t b_stride, size_t columns, float* c) noexcept {
  const size_t vectors = (columns + kernel.lanes - 1) / kernel.lanes;
  const bool is_rest = rows <= GemmKernel::few_rows && block.a_width > GemmKernel::few_rows;
  const GemmTile tile = (is_rest ? kernel.rest_tile : kernel.tile)[rows - 1][vectors - 1];
  if (columns == vectors * kernel.lanes) {
    tile(block.k, a, b, b_stride, c, block.c_stride, block.alpha, block.beta);
    return;
  }
  alignas(64) float whole[largest_tile];
  const size_t stride = vectors * kernel.lanes;
  tile(block.k, a, b, b_stride, whole, stride, block.alpha, 0);
  for (size_t row = 0; row < rows; ++row) {
    float* to = c + row * block.c_stride;
    const float* from = whole + row * stride;
    if (block.beta == 0)
      std::copy_n(from, columns, to);
    else
      for (size_t j = 0; j < columns; ++j) to[j] = from[j] + block.beta * to[j];
  }
}

void multiply(const GemmKernel& kernel, const GemmBlock& block) noexcept {
  const size_t width = kernel.columns();
  const auto tile_at = [&](size_t row, size_t column) {
    const size_t rows = std::min(block.a_width, block.rows - row);
    const size_t columns = std::min(width, block.columns - column);
    float* c = block.c + row * block.c_stride + column;
    multiply_tile(kernel, block, block.a + row * block.k, rows, block.b + column * block.k, width, columns,
                  c);
    if (block.epilogue) apply(block.epilogue->at(row, column), c, block.c_stride, rows, columns);
  };
  if (block.columns * block.k * sizeof(float) <= b_resident_bytes) {
    // All of B stays in the first cache: go along the rows, in the order in which C lies in memory.
    for (size_t row = 0; row < block.rows; row += block.a_width)
      for (size_t column = 0; column < block.columns; column += width) tile_at(row, column);
    return;
  }
  const size_t panels_in_stack =
      std::max<size_t>(1, a_stack_bytes / (block.a_width * block.k * sizeof(float)));
  const size_t stack_rows = panels_in_stack * block.a_width;
  for (size_t stack = 0; stack < block.rows; stack += stack_rows) {
    const size_t stack_end = std::min(block.rows, stack + stack_rows);
    for (size_t column = 0; column < block.columns; column += width)
      for (size_t row = stack; row < stack_end; row += block.a_width) tile_at(row, column);
  }
}

}  // namespace atlas::cpu
