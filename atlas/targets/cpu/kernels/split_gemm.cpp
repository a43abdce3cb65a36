// Of A the parts of many rows, of B those of one panel at a time stay in the second cache.
#include "atlas/targets/cpu/kernels/split_gemm.h"

#include <algorithm>

#include "atlas/targets/cpu/kernels/scratch.h"
#include "atlas/targets/cpu/kernels/split_kernel.h"
#include "atlas/targets/cpu/kernels/tile_product.h"

namespace atlas::cpu {

bool takes_split(const GemmShape& shape, const MatrixView& a, const ColumnPanels& right,
                 const GemmOptions& options) {
  constexpr size_t least_rows = 96, least = 64;
  return splits_products() && right.width == bf16_columns && shape.m >= least_rows && shape.n >= least &&
         shape.k >= least && a.column_stride == 1 && options.alpha == 1 && options.beta == 0;
}

void split_gemm(const GemmShape& shape, MatrixView a, const RightOperand& b, const ColumnPanels& right,
                float* c, size_t c_stride, const GemmOptions& options, ThreadPool& pool) {
  constexpr size_t longest_block = 512;
  const Bf16Kernel& kernel = split_kernel();
  const size_t blocks = ceil_div(shape.k, longest_block);
  const size_t k_block = ceil_div(ceil_div(shape.k, blocks), bf16_chunk) * bf16_chunk;
  float low, high;
  Epilogue sum = options.epilogue, behind = sum.behind(low, high);
  const bool passes_again = !behind.empty();
  behind.activation = sum.activation;
  sum.activation = {};
  sum.factor = 1;
  sum.addend = 0;
  multiply(TileProduct{
               .kernel = kernel,
               .m = shape.m,
               .n = shape.n,
               .k = shape.k,
               .k_block = k_block,
               .left_bytes = 1000 * 1024,
               .products = 6.0 * static_cast<double>(shape.m) * static_cast<double>(shape.n) *
                           static_cast<double>(shape.k),
               .fill = [&](size_t row, size_t rows, size_t first, size_t steps,
                           Bf16* to) { kernel.fill(a.at(row, first).data, a.row_stride, rows, steps, to); },
               .panel = [&](size_t panel, size_t first, size_t steps, Bf16* memory) -> const Bf16* {
                 Scratch made(b.packed ? 0 : b.made_floats(k_block, right) * sizeof(float));
                 pack_split_panel(b.panel(right, panel, first, steps, made.as<float>()), steps, memory,
                                  right.width_of(panel));
                 return memory;
               },
               .ahead =
                   [&](size_t panel, size_t first) {
                     // A narrower panel is the last one.
                     if (!b.packed || right.width_of(panel) != bf16_columns) return TileProduct::Ahead{};
                     return TileProduct::Ahead{b.panel(right, panel, first, 0, nullptr),
                                               bf16_panel_step * sizeof(float)};
                   },
               .finish =
                   [&](float* sums, size_t row, size_t rows, size_t column, size_t columns, size_t first) {
                     float* to = c + row * c_stride + column;
                     Epilogue own = sum.at(row, column);
                     if (first > 0) {
                       own = {};
                       own.residual = to;
                       own.residual_stride = c_stride;
                     }
                     const bool is_last = first + k_block >= shape.k;
                     if (is_last && !passes_again) own.activation = behind.activation;
                     if (!is_last || !passes_again)
                       return apply(own, sums, bf16_columns, to, c_stride, rows, columns);
                     // What looks at each sum alone passes over all of them at once.
                     apply(own, sums, bf16_columns, rows, columns);
                     apply(behind, sums, 0, 1, rows * bf16_columns);
                     for (size_t r = 0; r < rows; ++r)
                       std::copy_n(sums + r * bf16_columns, columns, to + r * c_stride);
                   }},
           pool);
}

}  // namespace atlas::cpu
