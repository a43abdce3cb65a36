// Packs what is not packed, cuts C into tasks, and sends products of vectors to kernels of their own.
#include "atlas/targets/cpu/kernels/gemm.h"

#include <algorithm>
#include <limits>

#include "atlas/base/error.h"
#include "atlas/targets/cpu/kernels/ceil_div.h"
#include "atlas/targets/cpu/kernels/matvec.h"
#include "atlas/targets/cpu/kernels/pack_panel.h"
#include "atlas/targets/cpu/kernels/scratch.h"
#include "atlas/targets/cpu/kernels/split_gemm.h"
#include "atlas/targets/cpu/kernels/tile_work.h"

namespace atlas::cpu {
namespace {

constexpr double flops_worth_a_task = 100e3;

size_t task_count(const GemmShape& shape, const ThreadPool& pool) {
  if (pool.size() == 1) return 1;
  const double flops =
      2.0 * static_cast<double>(shape.m) * static_cast<double>(shape.n) * static_cast<double>(shape.k);
  const double worth = std::max(1.0, flops / flops_worth_a_task);
  return static_cast<size_t>(std::min(worth, 4.0 * static_cast<double>(pool.size())));
}

void scale(float* c, size_t c_stride, size_t m, size_t n, float beta) {
  for (size_t i = 0; i < m; ++i)
    for (size_t j = 0; j < n; ++j) c[i * c_stride + j] = beta == 0 ? 0.0f : beta * c[i * c_stride + j];
}

/// One row of C, or one column of it: a vector times a matrix.
void multiply_vector(const GemmShape& shape, MatrixView a, MatrixView b, float* c, size_t c_stride,
                     const GemmOptions& options, ThreadPool& pool) {
  const bool one_row = shape.m == 1;
  const size_t n = one_row ? shape.n : shape.m;
  const MatrixView matrix = one_row ? b : a.transposed();
  const float* vector = one_row ? a.data : b.data;
  const size_t vector_stride = one_row ? a.column_stride : b.row_stride;
  const size_t result_stride = one_row ? 1 : c_stride;

  Scratch memory((shape.k + n) * sizeof(float));
  float* result = memory.as<float>();
  float* x = result + n;
  for (size_t i = 0; i < shape.k; ++i) x[i] = options.alpha * vector[i * vector_stride];
  matvec(n, shape.k, matrix, x, result, pool);
  for (size_t j = 0; j < n; ++j) {
    float& to = c[j * result_stride];
    to = options.beta == 0 ? result[j] : result[j] + options.beta * to;
  }
  apply(options.epilogue, c, c_stride, shape.m, shape.n);
}

/// How C is cut into tasks, and k into blocks: the rows of a task stay in the second cache while panels of B
/// pass.
struct Cut {
  size_t k_block, rows, row_tasks, panels, tasks;

  // With shorter blocks more rows stay, for which a panel is made but once.
  Cut(const GemmShape& shape, const ColumnPanels& right, size_t tile_rows, bool makes_panels,
      const ThreadPool& pool) {
    constexpr size_t resident_bytes = 384 * 1024;
    const size_t longest_block = makes_panels ? 512 : 1024;
    const size_t blocks = ceil_div(shape.k, longest_block);
    k_block = ceil_div(ceil_div(shape.k, blocks), channel_block) * channel_block;
    const size_t most_rows = std::max(tile_rows, resident_bytes / (k_block * sizeof(float)));
    // Columns first: then few tasks read the same panels, and rows are packed for many panels.
    const size_t wanted = task_count(shape, pool);
    row_tasks = ceil_div(shape.m, most_rows);
    panels = ceil_div(right.count, std::min(right.count, ceil_div(wanted, row_tasks)));
    const size_t column_tasks = ceil_div(right.count, panels);
    row_tasks = std::max(row_tasks, std::min(ceil_div(shape.m, tile_rows), ceil_div(wanted, column_tasks)));
    rows = ceil_div(ceil_div(shape.m, row_tasks), tile_rows) * tile_rows;
    row_tasks = ceil_div(shape.m, rows);
    tasks = row_tasks * column_tasks;
  }
};

void multiply_rows(const GemmShape& shape, const Cut& cut, const BlockedKernel& kernel,
                   const ColumnPanels& right, size_t task, MatrixView a, const RightOperand& b, float* c,
                   size_t c_stride, const GemmOptions& options) {
  const size_t row = task % cut.row_tasks * cut.rows, rows = std::min(cut.rows, shape.m - row);
  const size_t first_panel = task / cut.row_tasks * cut.panels;
  const size_t end_panel = std::min(first_panel + cut.panels, right.count);
  // What the first block of k can add before its sums, and what waits for the last one.
  Epilogue first = options.epilogue, last = options.epilogue;
  last.column_bias = nullptr;
  if (options.beta == 0)
    last.residual = nullptr;
  else
    first.residual = nullptr;
  float low = -std::numeric_limits<float>::infinity(), high = std::numeric_limits<float>::infinity();
  if (!last.row_bias && !last.residual) last = last.behind(low, high);

  Scratch left_memory((rows * cut.k_block + pack_slack) * sizeof(float));
  Scratch right_memory(b.packed ? 0 : b.made_floats(cut.k_block, right) * sizeof(float));
  const bool fetches = is_worth_fetching(shape.m, right.size());
  for (size_t k = 0; k < shape.k; k += cut.k_block) {
    const size_t steps = std::min(cut.k_block, shape.k - k);
    const bool is_first = k == 0, is_last = k + steps == shape.k;
    const RowTiles tiles(kernel, rows, steps);
    pack_rows(tiles, a.at(row, k), options.alpha, left_memory.as<float>());
    for (size_t panel = first_panel; panel < end_panel; ++panel) {
      const size_t column = panel * right.width, columns = right.columns_of(panel);
      float* to = c + row * c_stride + column;
      const float* next = nullptr;
      if (b.packed && fetches && panel + 1 < end_panel) next = b.panel(right, panel + 1, k, steps, nullptr);
      PanelProduct product{.kernel = kernel,
                           .tiles = tiles,
                           .begin = 0,
                           .end = tiles.count,
                           .all_rows = shape.m,
                           .a = left_memory.as<float>(),
                           .panel = b.panel(right, panel, k, steps, right_memory.as<float>()),
                           .next = next,
                           .columns = columns,
                           .c = to,
                           .c_stride = c_stride,
                           .residual = to,
                           .residual_stride = c_stride};
      if (is_first) {
        if (first.column_bias) product.bias = first.column_bias + column;
        if (options.beta == 0) {
          product.residual = first.residual ? first.at(row, column).residual : nullptr;
          product.residual_stride = first.residual_stride;
        } else if (options.beta != 1) {
          scale(to, c_stride, rows, columns, options.beta);
        }
      }
      if (is_last) {
        product.low = low;
        product.high = high;
      }
      multiply(product);
      if (is_last) apply(last.at(row, column), to, c_stride, rows, columns);
    }
  }
}

}  // namespace

size_t RightOperand::made_floats(size_t steps, const ColumnPanels& right) const {
  return ceil_div(steps, channel_block) * channel_block * right.width + pack_slack;
}

void RightOperand::make_panel(const ColumnPanels& right, size_t panel, size_t first, size_t steps,
                              float* memory) const {
  const size_t width = right.width_of(panel), columns = right.columns_of(panel), column = panel * right.width;
  if (source)
    source->write(column, columns, first, steps, width, memory);
  else
    pack_panel(view.at(first, column).data, view.column_stride, view.row_stride, columns, steps, width,
               memory);
}

void gemm(const GemmShape& shape, MatrixView a, RightOperand b, float* c, size_t c_stride,
          const GemmOptions& options, ThreadPool& pool) {
  const auto [m, n, k] = shape;
  if (m == 0 || n == 0) return;
  if (k == 0) {
    scale(c, c_stride, m, n, options.beta);
    return apply(options.epilogue, c, c_stride, m, n);
  }
  const bool as_it_lies = !b.packed && !b.source;
  if (as_it_lies && (m == 1 || n == 1)) return multiply_vector(shape, a, b.view, c, c_stride, options, pool);
  const BlockedKernel& kernel = b.packed ? b.packed->kernel() : blocked_kernel();
  const ColumnPanels right = b.packed ? b.packed->panels() : ColumnPanels(kernel, n, k);
  ensure(right.columns == n && right.k == k, "gemm: packed B has another shape");
  if (takes_split(shape, a, right, options))
    return split_gemm(shape, a, b, right, c, c_stride, options, pool);
  const Cut cut(shape, right, kernel.rows, b.source != nullptr, pool);
  pool.parallel_for(cut.tasks, 1, [&](size_t begin, size_t end) {
    for (size_t task = begin; task < end; ++task)
      multiply_rows(shape, cut, kernel, right, task, a, b, c, c_stride, options);
  });
}

void gemm_batched(const GemmShape& shape, const GemmBatch& batch, MatrixView a, RightOperand b, float* c,
                  size_t c_stride, const GemmOptions& options, ThreadPool& pool) {
  const auto one = [&](size_t index) {
    MatrixView left = a;
    RightOperand right = b;
    left.data += index * batch.a_stride;
    if (right.view.data) right.view.data += index * batch.b_stride;
    GemmOptions own = options;
    if (own.epilogue.residual) own.epilogue.residual += index * batch.residual_stride;
    gemm(shape, left, right, c + index * batch.c_stride, c_stride, own, pool);
  };
  if (batch.count < 2 * pool.size() && task_count(shape, pool) > 1) {
    for (size_t index = 0; index < batch.count; ++index) one(index);
    return;
  }
  // Enough products for everyone: each runs whole on one thread, for its own loops run inline there.
  const size_t grain = std::max<size_t>(1, batch.count / (8 * pool.size()));
  pool.parallel_for(batch.count, grain, [&](size_t begin, size_t end) {
    for (size_t index = begin; index < end; ++index) one(index);
  });
}

}  // namespace atlas::cpu
