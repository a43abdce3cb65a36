// Cuts C into tasks; each lays the rows of A that it needs out for the tiles and corrects for zero points by
// the sums of rows and columns.
#include "atlas/targets/cpu/kernels/igemm.h"

#include <algorithm>

#include "atlas/targets/cpu/kernels/ceil_div.h"
#include "atlas/targets/cpu/kernels/scratch.h"

namespace atlas::cpu {
namespace {

constexpr double products_worth_a_task = 200e3;
constexpr size_t a_stack_bytes = 384 * 1024;

uint32_t bits(int32_t value) {
  return static_cast<uint32_t>(value);
}

/// Everything that the tasks of one product share.
struct Product {
  const IgemmKernel& kernel;
  size_t m;
  size_t height;  // rows of a panel of A
  const ByteRows& a;
  const PackedBytes& b;
  const IgemmOutput& output;
  const int32_t* start;  // what the sums of a column begin with

  uint8_t flip() const { return a.is_signed ? 128 : 0; }
  int32_t zero_point(size_t row) const {
    return (a.zero_points ? a.zero_points[row] : a.zero_point) + (a.is_signed ? 128 : 0);
  }
};

/// One panel of A as the tiles read it, and what its rows need to be corrected.
void lay_out(const Product& p, size_t first, size_t count, uint8_t* memory, std::byte* to,
             int32_t* row_sums) {
  const uint8_t* rows[IgemmKernel::max_rows];
  if (p.a.finder) {
    (*p.a.finder)(first, count, memory, rows);
  } else {
    for (size_t r = 0; r < count; ++r)
      rows[r] = static_cast<const uint8_t*>(p.a.data) + (first + r) * p.a.stride;
  }
  p.kernel.fill(rows, count, p.b.k(), p.flip(), to);
  if (p.b.zeros())
    for (size_t r = 0; r < count; ++r) row_sums[r] = sum_bytes(rows[r], p.b.k(), p.flip());
}

void multiply_tile(const Product& p, const std::byte* left, const int32_t* row_sums, size_t row, size_t rows,
                   size_t panel, Ahead ahead) {
  alignas(64) int32_t sums[IgemmKernel::max_rows * igemm_columns];
  const size_t column = panel * igemm_columns, columns = std::min(igemm_columns, p.b.n() - column);
  p.kernel.tile[rows - 1](p.b.quads(), left, p.b.panel(panel), p.start + column, columns, sums, ahead);
  if (p.b.zeros()) subtract_products(sums, rows, row_sums, p.b.zeros() + column);
  if (p.a.zero_points) {
    int32_t zeros[IgemmKernel::max_rows];
    for (size_t r = 0; r < rows; ++r) zeros[r] = p.zero_point(row + r);
    subtract_products(sums, rows, zeros, p.b.sums() + column);
  }
  store(sums, rows, columns, p.output, row, column);
}

/// Panels of A from `begin` to `end` by those of B, on the calling thread: so many of A at a time that they
/// stay in the second cache while the panels of B pass.
void multiply(const Product& p, size_t begin, size_t end, size_t first_panel, size_t last_panel) {
  const size_t k = p.b.k(), panel_bytes = p.height * p.kernel.row_bytes(k);
  const size_t stack = std::clamp<size_t>(a_stack_bytes / (panel_bytes + 1), 1, end - begin);
  const IgemmUse use(p.kernel);
  Scratch memory(stack * panel_bytes + IgemmKernel::slack), sum_memory(stack * p.height * sizeof(int32_t));
  Scratch row_memory(p.a.finder ? p.height * k + row_slack : 0);
  auto* left = memory.as<std::byte>();
  auto* row_sums = sum_memory.as<int32_t>();
  for (; begin < end; begin += stack) {
    const size_t count = std::min(stack, end - begin);
    const auto each = [&](auto body) {
      for (size_t i = 0; i < count; ++i) {
        const size_t row = (begin + i) * p.height;
        body(left + i * panel_bytes, row_sums + i * p.height, row, std::min(p.height, p.m - row));
      }
    };
    each([&](std::byte* to, int32_t* sums, size_t row, size_t rows) {
      lay_out(p, row, rows, row_memory.as<uint8_t>(), to, sums);
    });
    // Each tile that passes over a panel fetches its part of the next one.
    const size_t chunks = ceil_div(k, IgemmKernel::chunk);
    const size_t lines = ceil_div(IgemmKernel::chunk * igemm_columns / 64, count);
    for (size_t panel = first_panel; panel < last_panel; ++panel) {
      Ahead ahead;
      if (panel + 1 < last_panel) ahead = {p.b.panel(panel + 1), lines};
      each([&](const std::byte* from, const int32_t* sums, size_t row, size_t rows) {
        multiply_tile(p, from, sums, row, rows, panel, ahead);
        if (ahead.from) ahead.from += lines * chunks * 64;
      });
    }
  }
}

}  // namespace

void igemm(size_t m, const ByteRows& a, const PackedBytes& b, const IgemmOutput& output, ThreadPool& pool) {
  const size_t n = b.n();
  if (m == 0 || n == 0) return;
  const IgemmKernel& kernel = igemm_kernel();
  const size_t height = ceil_div(m, ceil_div(m, kernel.rows)), stacks = ceil_div(m, height);
  Scratch memory(b.panels() * igemm_columns * sizeof(int32_t));
  auto* start = memory.as<int32_t>();
  const Product product{kernel, m, height, a, b, output, start};
  const uint32_t zero = a.zero_points ? 0 : bits(product.zero_point(0));
  for (size_t j = 0; j < b.panels() * igemm_columns; ++j)
    start[j] =
        static_cast<int32_t>((output.bias && j < n ? bits(output.bias[j]) : 0) - zero * bits(b.sums()[j]));

  // Rows are shared out first: then every row is laid out by one task only.
  const double products = static_cast<double>(m) * static_cast<double>(n) * static_cast<double>(b.k() + 1);
  const size_t most = pool.size() == 1 ? 1 : 4 * pool.size();
  const auto tasks =
      static_cast<size_t>(std::clamp(products / products_worth_a_task, 1.0, static_cast<double>(most)));
  const size_t task_stacks = ceil_div(stacks, std::min(tasks, stacks));
  const size_t row_tasks = ceil_div(stacks, task_stacks);
  const size_t task_panels = ceil_div(b.panels(), std::min(ceil_div(tasks, row_tasks), b.panels()));
  const size_t column_tasks = ceil_div(b.panels(), task_panels);
  pool.parallel_for(row_tasks * column_tasks, 1, [&](size_t begin, size_t end) {
    for (size_t task = begin; task < end; ++task) {
      const size_t stack = task % row_tasks * task_stacks, panel = task / row_tasks * task_panels;
      multiply(product, stack, std::min(stacks, stack + task_stacks), panel,
               std::min(b.panels(), panel + task_panels));
    }
  });
}

}  // namespace atlas::cpu
