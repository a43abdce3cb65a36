// Rows are rounded into the order of the tiles.
#include "atlas/targets/cpu/kernels/bf16_gemm.h"

#include <algorithm>

#include "atlas/targets/cpu/kernels/pack_panel.h"
#include "atlas/targets/cpu/kernels/scratch.h"
#include "atlas/targets/cpu/kernels/tile_product.h"

namespace atlas::cpu {
namespace {

/// Chunks in order, in each the rows, zeros behind the last step.
void fill(const Bf16Kernel& kernel, Numbers<const std::byte> a, size_t a_stride, size_t rows, size_t k,
          Bf16* to) {
  if (!a.rounded) return kernel.fill(a.as<float>(), a_stride, rows, k, to);
  for (size_t first = 0; first < k; first += bf16_chunk) {
    const size_t steps = std::min(bf16_chunk, k - first);
    for (size_t r = 0; r < rows; ++r, to += bf16_chunk) {
      std::copy_n(a.as<Bf16>() + r * a_stride + first, steps, to);
      std::fill(to + steps, to + bf16_chunk, Bf16{0});
    }
  }
}

}  // namespace

PackedBf16::PackedBf16(MatrixFinder b, size_t k, size_t n, ThreadPool& pool, Packer& packer) : k_(k), n_(n) {
  memory_ = packer.pack(panels() * panel_size() * sizeof(Bf16), [&](std::byte* to) {
    const MatrixView view = b();
    pool.parallel_for(panels(), 1, [&](size_t begin, size_t end) {
      Scratch turned((k * bf16_columns + pack_slack) * sizeof(float));
      for (size_t panel = begin; panel < end; ++panel) {
        const size_t column = panel * bf16_columns;
        pack_bf16_columns(view.at(0, column).data, view.column_stride, view.row_stride,
                          std::min(bf16_columns, n - column), k, 1, turned.as<float>(),
                          reinterpret_cast<Bf16*>(to) + panel * panel_size());
      }
    });
  });
}

void bf16_gemm(size_t m, Numbers<const std::byte> a, size_t a_stride, const PackedBf16& b,
               Numbers<std::byte> c, size_t c_stride, const Epilogue& epilogue, ThreadPool& pool) {
  const Bf16Kernel& kernel = bf16_kernel();
  float low, high;
  Epilogue bias = epilogue, behind = epilogue.behind(low, high);
  if (!behind.empty()) {
    bias.activation = {};
    bias.factor = 1;
    bias.addend = 0;
    behind.activation = epilogue.activation;
  }
  // With a row or a few, weights that stay in the second cache come as fast as they can without being
  // fetched.
  constexpr size_t few_rows = 4, resident = 512 * 1024;
  const bool fetches = m > few_rows || b.k() * b.n() > resident;
  multiply(
      TileProduct{.kernel = kernel,
                  .m = m,
                  .n = b.n(),
                  .k = b.k(),
                  .fetches = fetches,
                  .fill = [&](size_t row, size_t rows,
                              Bf16* to) { fill(kernel, a.at(row * a_stride), a_stride, rows, b.k(), to); },
                  .panel = [&](size_t panel) { return b.panel(panel); },
                  .finish =
                      [&](float* sums, size_t row, size_t rows, size_t column, size_t columns) {
                        const Numbers<std::byte> to = c.at(row * c_stride + column);
                        const Epilogue own = bias.at(row, column);
                        if (behind.empty() && !to.rounded)
                          return apply(own, sums, bf16_columns, to.as<float>(), c_stride, rows, columns);
                        // What looks at each sum alone passes over all of them at once.
                        apply(own, sums, bf16_columns, rows, columns);
                        if (!behind.empty()) apply(behind, sums, 0, 1, rows * bf16_columns);
                        for (size_t r = 0; r < rows; ++r) {
                          const Numbers<std::byte> row_to = to.at(r * c_stride);
                          if (row_to.rounded)
                            kernel.round(sums + r * bf16_columns, columns, row_to.as<Bf16>());
                          else
                            std::copy_n(sums + r * bf16_columns, columns, row_to.as<float>());
                        }
                      }},
      pool);
}

}  // namespace atlas::cpu
