// Packs what is not packed, cuts C into tasks, and sends thin products to kernels of their own.
#include "atlas/targets/cpu/kernels/gemm.h"

#include <algorithm>
#include <optional>

#include "atlas/base/error.h"
#include "atlas/targets/cpu/kernels/ceil_div.h"
#include "atlas/targets/cpu/kernels/gemm_block.h"
#include "atlas/targets/cpu/kernels/matvec.h"
#include "atlas/targets/cpu/kernels/scratch.h"

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

/// Few rows: B is read where it lies, for packing it would cost as much as the product.
void multiply_in_place(const GemmKernel& kernel, const GemmShape& shape, const PanelLayout& left,
                       const float* a, MatrixView b, float* c, size_t c_stride, const GemmOptions& options,
                       ThreadPool& pool) {
  const size_t width = kernel.columns(), panels = ceil_div(shape.n, width);
  const size_t grain = ceil_div(panels, task_count(shape, pool));
  pool.parallel_for(panels, grain, [&](size_t begin, size_t end) {
    std::optional<Scratch> tail;
    if (end * width > shape.n) tail.emplace(left.k_block * width * sizeof(float));
    for (size_t block = 0; block < left.blocks(); ++block) {
      GemmBlock part{.k = left.block_steps(block),
                     .a_width = shape.m,
                     .c_stride = c_stride,
                     .alpha = options.alpha,
                     .beta = block == 0 ? options.beta : 1};
      for (size_t panel = begin; panel < end; ++panel) {
        const size_t first = panel * width, columns = std::min(width, shape.n - first);
        const float* from = b.data + block * left.k_block * b.row_stride + first;
        size_t b_stride = b.row_stride;
        if (columns < width) {
          pack_panel(from, 1, b.row_stride, columns, part.k, width, tail->as<float>());
          from = tail->as<float>();
          b_stride = width;
        }
        multiply_tile(kernel, part, a + left.offset(block, 0), shape.m, from, b_stride, columns, c + first);
        if (block + 1 == left.blocks())
          apply(options.epilogue.at(0, first), c + first, c_stride, shape.m, columns);
      }
    }
  });
}

}  // namespace

void gemm(const GemmShape& shape, GemmOperand a, GemmOperand b, float* c, size_t c_stride,
          const GemmOptions& options, ThreadPool& pool) {
  const auto [m, n, k] = shape;
  if (m == 0 || n == 0) return;
  if (k == 0) {
    scale(c, c_stride, m, n, options.beta);
    return apply(options.epilogue, c, c_stride, m, n);
  }
  if (!a.packed && !b.packed && (m == 1 || n == 1))
    return multiply_vector(shape, a.view, b.view, c, c_stride, options, pool);

  const GemmKernel& kernel = b.packed ? b.packed->kernel() : a.packed ? a.packed->kernel() : gemm_kernel();
  ensure(!a.packed || !b.packed || &a.packed->kernel() == &kernel,
         "gemm: operands were packed under different instruction sets");
  const PanelLayout left = a.packed ? a.packed->layout() : PanelLayout::left(kernel, m, k);
  const PanelLayout right = b.packed ? b.packed->layout() : PanelLayout::right(kernel, n, k);
  ensure(left.extent == m && left.k == k && !left.filled, "gemm: packed A has another shape");
  ensure(right.extent == n && right.k == k && right.filled, "gemm: packed B has another shape");

  std::optional<Scratch> a_memory, b_memory;
  const float* a_data = a.packed ? a.packed->data() : nullptr;
  if (!a.packed) {
    a_memory.emplace(left.size() * sizeof(float));
    pack(left, a.view, a_memory->as<float>(), pool);
    a_data = a_memory->as<float>();
  }
  if (!b.packed && left.panels() == 1 && b.view.column_stride == 1)
    return multiply_in_place(kernel, shape, left, a_data, b.view, c, c_stride, options, pool);
  const float* b_data = b.packed ? b.packed->data() : nullptr;
  if (!b.packed) {
    b_memory.emplace(right.size() * sizeof(float));
    pack(right, b.view.transposed(), b_memory->as<float>(), pool);
    b_data = b_memory->as<float>();
  }

  // Tasks are cut along the columns first: then every panel of B is read by one task only.
  const size_t tasks = task_count(shape, pool);
  const size_t panels_per_task = ceil_div(right.panels(), std::min(tasks, right.panels()));
  const size_t column_tasks = ceil_div(right.panels(), panels_per_task);
  const size_t stacks_wanted = std::min(ceil_div(tasks, column_tasks), left.panels());
  const size_t stack_panels = ceil_div(left.panels(), stacks_wanted);
  const size_t row_tasks = ceil_div(left.panels(), stack_panels);
  pool.parallel_for(column_tasks * row_tasks, 1, [&](size_t begin, size_t end) {
    for (size_t task = begin; task < end; ++task) {
      const size_t row_panel = task % row_tasks * stack_panels,
                   column_panel = task / row_tasks * panels_per_task;
      const size_t row = row_panel * left.width, column = column_panel * right.width;
      const Epilogue epilogue = options.epilogue.at(row, column);
      for (size_t block = 0; block < left.blocks(); ++block) {
        const bool last = block + 1 == left.blocks();
        multiply(kernel, {.k = left.block_steps(block),
                          .a = a_data + left.offset(block, row_panel),
                          .a_width = left.width,
                          .rows = std::min(stack_panels * left.width, m - row),
                          .b = b_data + right.offset(block, column_panel),
                          .columns = std::min(panels_per_task * right.width, n - column),
                          .c = c + row * c_stride + column,
                          .c_stride = c_stride,
                          .alpha = options.alpha,
                          .beta = block == 0 ? options.beta : 1,
                          .epilogue = last && !epilogue.empty() ? &epilogue : nullptr});
      }
    }
  });
}

void gemm_batched(const GemmShape& shape, const GemmBatch& batch, GemmOperand a, GemmOperand b, float* c,
                  size_t c_stride, const GemmOptions& options, ThreadPool& pool) {
  const auto one = [&](size_t index) {
    GemmOperand left = a, right = b;
    if (left.view.data) left.view.data += index * batch.a_stride;
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
