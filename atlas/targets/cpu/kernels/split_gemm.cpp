// Blocks of k: of A the parts of all rows of a task, of B those of one panel at a time stay in the second
// cache.
#include "atlas/targets/cpu/kernels/split_gemm.h"

#include <algorithm>

#include "atlas/targets/cpu/kernels/product_tiles.h"
#include "atlas/targets/cpu/kernels/scratch.h"
#include "atlas/targets/cpu/kernels/split_kernel.h"

namespace atlas::cpu {
namespace {

constexpr size_t longest_block = 512;
constexpr size_t rows_bytes = 1000 * 1024;  // of the parts of A

/// What the tasks of one product share.
struct Product {
  const GemmShape& shape;
  const MatrixView& a;
  const RightOperand& b;
  const ColumnPanels& right;
  float* c;
  size_t c_stride;
  const GemmOptions& options;
  const Bf16Kernel& kernel;
  size_t k_block;
  const ProductTiles& tiles;  // of a block of k
};

/// A tile of sums of the block of k from `first` on becomes part of C.
void finish(const Product& p, float* sums, size_t row, size_t rows, size_t column, size_t columns,
            size_t first) {
  float* c = p.c + row * p.c_stride + column;
  Epilogue step = p.options.epilogue.sums().at(row, column), behind;
  if (first > 0) {
    step = {};
    step.residual = c;
    step.residual_stride = p.c_stride;
  }
  if (first + p.k_block >= p.shape.k) behind = p.options.epilogue.rest();
  finish_sums(p.kernel, step, behind, sums, rows, columns, c, p.c_stride);
}

/// Tiles from `begin` to `end` by panels of B, on the calling thread.
void multiply(const Product& p, size_t begin, size_t end, size_t first_panel, size_t last_panel) {
  const size_t chunk = p.kernel.chunk(), size = p.tiles.size();
  Scratch left_memory(((end - begin) * size + Bf16Kernel::slack_rows * chunk) * sizeof(Bf16));
  Scratch right_memory(ceil_div(p.k_block, bf16_chunk) * p.kernel.panel_step() * sizeof(Bf16));
  Scratch made_memory(p.b.packed ? 0 : p.b.made_floats(p.k_block, p.right) * sizeof(float));
  auto *left = left_memory.as<Bf16>(), *right = right_memory.as<Bf16>();
  alignas(64) float sums[Bf16Kernel::max_rows * bf16_columns];
  const Bf16Use use(p.kernel);
  for (size_t k = 0; k < p.shape.k; k += p.k_block) {
    const size_t steps = std::min(p.k_block, p.shape.k - k);
    for (size_t tile = begin; tile < end; ++tile)
      p.kernel.fill(p.a.at(p.tiles.first(tile), k).data, p.a.row_stride, p.tiles.rows(tile), steps,
                    left + (tile - begin) * size);
    for (size_t panel = first_panel; panel < last_panel; ++panel) {
      const size_t column = panel * bf16_columns, columns = p.right.columns_of(panel);
      pack_split_panel(p.b.panel(p.right, panel, k, steps, made_memory.as<float>()), steps, right,
                       p.right.width_of(panel));
      for (size_t tile = begin; tile < end; ++tile) {
        const size_t rows = p.tiles.rows(tile);
        Bf16Tile step{.a = left + (tile - begin) * size,
                      .row_stride = chunk,
                      .offsets = p.tiles.offsets(tile),
                      .chunks = ceil_div(steps, bf16_chunk),
                      .b = right,
                      .sums = sums};
        if (p.b.packed && panel + 1 < last_panel && p.right.width_of(panel + 1) == bf16_columns)
          fetch_part(step, p.b.panel(p.right, panel + 1, k, steps, nullptr), tile - begin, end - begin);
        p.kernel.tile[rows - 1][columns > bf16_columns / 2](step);
        finish(p, sums, p.tiles.first(tile), rows, column, columns, k);
      }
    }
  }
}

}  // namespace

bool takes_split(const GemmShape& shape, const MatrixView& a, const ColumnPanels& right,
                 const GemmOptions& options) {
  constexpr size_t least_rows = 96, least = 64;
  return splits_products() && right.width == bf16_columns && shape.m >= least_rows && shape.n >= least &&
         shape.k >= least && a.column_stride == 1 && options.alpha == 1 && options.beta == 0;
}

void split_gemm(const GemmShape& shape, MatrixView a, const RightOperand& b, const ColumnPanels& right,
                float* c, size_t c_stride, const GemmOptions& options, ThreadPool& pool) {
  const Bf16Kernel& kernel = split_kernel();
  const size_t blocks = ceil_div(shape.k, longest_block);
  const size_t k_block = ceil_div(ceil_div(shape.k, blocks), bf16_chunk) * bf16_chunk;
  const ProductTiles tiles(kernel, shape.m, k_block);
  // Columns are shared out first: then each panel is made by one task, and A is small.
  const double products =
      6.0 * static_cast<double>(shape.m) * static_cast<double>(shape.n) * static_cast<double>(shape.k);
  const double numbers = static_cast<double>(shape.m) * static_cast<double>(shape.n + shape.k);
  const size_t tasks = bf16_tasks(products, numbers, pool.size());
  const size_t task_panels = ceil_div(right.count, std::min(tasks, right.count));
  const size_t column_tasks = ceil_div(right.count, task_panels);
  const size_t most_tiles = std::max<size_t>(1, rows_bytes / (tiles.size() * sizeof(Bf16)));
  const size_t row_parts =
      std::max(ceil_div(tiles.count(), most_tiles), std::min(tiles.count(), ceil_div(tasks, column_tasks)));
  const size_t task_tiles = ceil_div(tiles.count(), row_parts),
               row_tasks = ceil_div(tiles.count(), task_tiles);
  const Product product{shape, a, b, right, c, c_stride, options, kernel, k_block, tiles};
  pool.parallel_for(row_tasks * column_tasks, 1, [&](size_t begin, size_t end) {
    for (size_t task = begin; task < end; ++task) {
      const size_t tile = task % row_tasks * task_tiles, panel = task / row_tasks * task_panels;
      multiply(product, tile, std::min(tiles.count(), tile + task_tiles), panel,
               std::min(right.count, panel + task_panels));
    }
  });
}

}  // namespace atlas::cpu
