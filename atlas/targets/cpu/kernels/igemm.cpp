// Cuts C into tasks; each lays the rows of A that it needs out for the tiles and corrects for zero points by
// the sums of rows and columns.
#include "atlas/targets/cpu/kernels/igemm.h"

#include <algorithm>
#include <cstring>

#include "atlas/targets/cpu/kernels/ceil_div.h"
#include "atlas/targets/cpu/kernels/scratch.h"
#include "atlas/targets/cpu/kernels/tile_work.h"

namespace atlas::cpu {
namespace {

// So much of A stays in the second cache while the panels of B pass; in the first one where B is in the
// second.
constexpr size_t a_stack_bytes = 384 * 1024, near_a_bytes = 16 * 1024, near_b_bytes = 384 * 1024;

/// Everything that the tasks of one product share.
struct Product {
  const IgemmKernel& kernel;
  size_t m;
  size_t height;  // rows of a panel of A
  const ByteRows& a;
  const PackedBytes& b;
  const IgemmOutput& output;
  const int32_t* start;  // what the sums of a column begin with
  bool as_bytes = false;

  size_t k() const { return a.k > 0 ? a.k : b.k(); }

  uint8_t flip() const { return kernel.flip(a.is_signed); }
  int32_t zero_point(size_t row) const {
    return (a.zero_points ? a.zero_points[row] : a.zero_point) + kernel.flip_shift(a.is_signed);
  }
  /// Whether tiles can read all rows behind `row` where they lie.
  bool reads_from(size_t row) const {
    return (row + IgemmKernel::max_rows - 1) * a.stride + b.k() <= (m - 1) * a.stride + k();
  }
};

/// Whether tiles read bytes as they lie: with many panels of B it is worth that rows lie side by side.
bool reads_bytes(const Product& p) {
  constexpr size_t few_panels = 8;
  return p.kernel.reads_bytes && p.flip() == 0 && !p.b.zeros() && p.b.panels() <= few_panels &&
         EvenChunks(p.k()).steps() == p.b.k();
}

/// One panel of A as the tiles read it, and what its rows need to be corrected.
void lay_out(const Product& p, size_t first, size_t count, std::byte* to, int32_t* row_sums) {
  const uint8_t* rows[IgemmKernel::max_rows];
  for (size_t r = 0; r < count; ++r)
    rows[r] = static_cast<const uint8_t*>(p.a.data) + (first + r) * p.a.stride;
  if (p.as_bytes) {
    for (size_t r = 0; r < count; ++r, to += p.b.k()) {
      std::memcpy(to, rows[r], p.k());
      std::memset(to + p.k(), 0, p.b.k() - p.k());
    }
    return;
  }
  p.kernel.fill(rows, count, p.k(), p.flip(), to);
  if (p.b.zeros())
    for (size_t r = 0; r < count; ++r) row_sums[r] = sum_row(p.kernel, rows[r], p.k(), p.flip());
}

void multiply_tile(const Product& p, IgemmTile& tile, const int32_t* row_sums, size_t row, size_t rows,
                   size_t column) {
  alignas(64) int32_t sums[IgemmKernel::max_rows * igemm_columns];
  const size_t columns = std::min(igemm_columns, p.b.n() - column);
  tile.start = p.start + column;
  tile.columns = columns;
  tile.sums = sums;
  p.kernel.tile[rows - 1](tile);
  if (p.b.zeros()) subtract_products(sums, rows, row_sums, p.b.zeros() + column);
  if (p.a.zero_points) {
    int32_t zeros[IgemmKernel::max_rows];
    for (size_t r = 0; r < rows; ++r) zeros[r] = p.zero_point(row + r);
    subtract_products(sums, rows, zeros, p.b.sums() + column);
  }
  store(sums, rows, columns, p.output, row, column);
}

/// Panels of A from `begin` to `end` by those of B, on the calling thread, so many of A at a time that they
/// stay in a cache while the panels of B pass.
void multiply(const Product& p, size_t begin, size_t end, size_t first_panel, size_t last_panel) {
  const size_t k = p.b.k(), panels = last_panel - first_panel;
  const size_t panel_bytes = p.as_bytes ? IgemmKernel::max_rows * k : p.height * p.kernel.row_bytes(k);
  const size_t stack_bytes = panels * igemm_columns * k <= near_b_bytes ? near_a_bytes : a_stack_bytes;
  const size_t stack = std::clamp<size_t>(stack_bytes / (panel_bytes + 1), 1, end - begin);
  const size_t last_rows = p.m - (ceil_div(p.m, p.height) - 1) * p.height;
  const size_t quads = p.as_bytes ? EvenChunks(k).quads : IgemmKernel::chunk / 4;
  const auto chunks_of = [&](size_t rows) {
    return panel_chunks(k, quads, p.as_bytes ? 4 * quads : rows * p.kernel.chunk_bytes);
  };
  const std::vector<IgemmChunk> whole = chunks_of(p.height), last = chunks_of(last_rows);
  const IgemmUse use(p.kernel, quads);
  Scratch memory(stack * panel_bytes + IgemmKernel::slack), sum_memory(stack * p.height * sizeof(int32_t));
  auto* row_sums = sum_memory.as<int32_t>();
  std::vector<IgemmTile> tiles;
  for (; begin < end; begin += stack) {
    const size_t first = begin * p.height, count = std::min(stack, end - begin);
    const auto rows_of = [&](size_t i) { return std::min(p.height, p.m - first - i * p.height); };
    tiles.clear();
    for (size_t i = 0; i < count; ++i) {
      const size_t row = first + i * p.height, rows = rows_of(i);
      IgemmTile tile{};
      tile.chunks = (rows == p.height ? whole : last).data();
      tile.chunk_count = whole.size();
      if (p.as_bytes && p.reads_from(row)) {
        tile.a = static_cast<const std::byte*>(p.a.data) + row * p.a.stride;
        tile.row_stride = p.a.stride;
      } else {
        std::byte* to = memory.as<std::byte>() + i * panel_bytes;
        lay_out(p, row, rows, to, row_sums + i * p.height);
        tile.a = to;
        tile.row_stride = p.as_bytes ? k : p.kernel.chunk_bytes;
      }
      tiles.push_back(tile);
    }
    for (size_t panel = first_panel; panel < last_panel; ++panel)
      for (size_t i = 0; i < count; ++i) {
        IgemmTile tile = tiles[i];
        tile.b = p.b.panel(panel);
        if (panel + 1 < last_panel) fetch_part(tile, p.b.panel(panel + 1), i, count);
        multiply_tile(p, tile, row_sums + i * p.height, first + i * p.height, rows_of(i),
                      panel * igemm_columns);
      }
  }
}

}  // namespace

std::vector<IgemmChunk> panel_chunks(size_t k, size_t quads, size_t bytes) {
  std::vector<IgemmChunk> chunks;
  for (size_t step = 0; step < k; step += 4 * quads)
    chunks.push_back({static_cast<int32_t>(chunks.size() * bytes),
                      static_cast<int32_t>(ceil_div(std::min(4 * quads, k - step), 4))});
  return chunks;
}

std::vector<int32_t> column_starts(const IgemmOutput& output, int32_t zero_point, const PackedBytes& b) {
  std::vector<int32_t> starts(b.panels() * igemm_columns);
  const auto zero = static_cast<uint32_t>(zero_point);  // products wrap
  for (size_t j = 0; j < starts.size(); ++j) {
    const auto bias = static_cast<uint32_t>(output.bias && j < b.n() ? output.bias[j] : 0);
    starts[j] = static_cast<int32_t>(bias - zero * static_cast<uint32_t>(b.sums()[j]));
  }
  return starts;
}

int32_t sum_row(const IgemmKernel& kernel, const uint8_t* row, size_t k, uint8_t flip) {
  // A signed byte is an unsigned one less 128.
  return kernel.reads_signed ? sum_bytes(row, k, flip ^ 128) - 128 * static_cast<int32_t>(k)
                             : sum_bytes(row, k, flip);
}

size_t igemm_tasks(double products, double outputs, size_t threads) {
  constexpr double products_of_an_output = 160;  // that take as long
  return tile_tasks(products + products_of_an_output * outputs, threads);
}

void fetch_part(IgemmTile& tile, const int8_t* next, size_t part, size_t count) {
  const size_t chunk_lines = 4 * static_cast<size_t>(tile.chunks[0].quads) * igemm_columns / 64;
  fetch_part(tile, next, tile.chunk_count, chunk_lines, part, count);
}

void igemm(size_t m, const ByteRows& a, const PackedBytes& b, const IgemmOutput& output, ThreadPool& pool) {
  const size_t n = b.n();
  if (m == 0 || n == 0) return;
  const IgemmKernel& kernel = igemm_kernel();
  const size_t height = ceil_div(m, ceil_div(m, kernel.rows)), stacks = ceil_div(m, height);
  const std::vector<int32_t> start =
      column_starts(output, a.zero_points ? 0 : a.zero_point + kernel.flip_shift(a.is_signed), b);
  Product product{kernel, m, height, a, b, output, start.data()};
  product.as_bytes = reads_bytes(product);

  // Rows are shared out first, where there are many: then every row is laid out by one task only. Else each
  // panel is read by one.
  const double outputs = static_cast<double>(m) * static_cast<double>(n);
  const size_t tasks = igemm_tasks(outputs * static_cast<double>(b.k() + 1), outputs, pool.size());
  const size_t most_row_tasks = m * product.k() < b.bytes() ? 1 : tasks;
  const size_t task_stacks = ceil_div(stacks, std::min(most_row_tasks, stacks));
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
