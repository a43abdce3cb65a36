// Cuts C into tasks; each rounds the rows of A that it needs into the order of the tiles.
#include "atlas/targets/cpu/kernels/bf16_gemm.h"

#include <algorithm>
#include <vector>

#include "atlas/targets/cpu/kernels/pack_panel.h"
#include "atlas/targets/cpu/kernels/scratch.h"

namespace atlas::cpu {
namespace {

constexpr size_t a_stack_bytes = 1024 * 1024;

/// What the tasks of one product share.
struct Product {
  const Bf16Kernel& kernel;
  size_t m, height;  // rows in all, and of a tile
  Numbers<const std::byte> a;
  size_t a_stride;
  const PackedBf16& b;
  Numbers<std::byte> c;
  size_t c_stride;
  Epilogue bias, behind;  // what is added, and the rest
  bool fetches;
};

/// Chunks in order, in each the rows, zeros behind the last step.
void fill(const Product& p, size_t row, size_t rows, Bf16* to) {
  const Numbers<const std::byte> a = p.a.at(row * p.a_stride);
  if (!a.rounded) return p.kernel.fill(a.as<float>(), p.a_stride, rows, p.b.k(), to);
  for (size_t first = 0; first < p.b.k(); first += bf16_chunk) {
    const size_t steps = std::min(bf16_chunk, p.b.k() - first);
    for (size_t r = 0; r < rows; ++r, to += bf16_chunk) {
      std::copy_n(a.as<Bf16>() + r * p.a_stride + first, steps, to);
      std::fill(to + steps, to + bf16_chunk, Bf16{0});
    }
  }
}

/// Rows of sums become part of C.
void finish(const Product& p, float* sums, size_t row, size_t rows, size_t column, size_t columns) {
  const Numbers<std::byte> c = p.c.at(row * p.c_stride + column);
  const Epilogue bias = p.bias.at(row, column);
  if (p.behind.empty() && !c.rounded)
    return apply(bias, sums, bf16_columns, c.as<float>(), p.c_stride, rows, columns);
  // What looks at each sum alone passes over all of them at once.
  apply(bias, sums, bf16_columns, rows, columns);
  if (!p.behind.empty()) apply(p.behind, sums, 0, 1, rows * bf16_columns);
  for (size_t r = 0; r < rows; ++r) {
    const Numbers<std::byte> to = c.at(r * p.c_stride);
    if (to.rounded)
      p.kernel.round(sums + r * bf16_columns, columns, to.as<Bf16>());
    else
      std::copy_n(sums + r * bf16_columns, columns, to.as<float>());
  }
}

/// Where the chunks of a tile of so many rows lie.
std::vector<int32_t> chunk_offsets(size_t chunks, size_t rows) {
  std::vector<int32_t> offsets(chunks);
  for (size_t i = 0; i < chunks; ++i) offsets[i] = static_cast<int32_t>(i * rows * bf16_chunk);
  return offsets;
}

/// Tiles of rows from `begin` to `end` by panels of B, on the calling thread: so many tiles at a time that
/// they stay in the second cache while the panels pass.
void multiply(const Product& p, size_t begin, size_t end, size_t first_panel, size_t last_panel) {
  const size_t chunks = p.b.chunks(), tile_size = p.height * chunks * bf16_chunk;
  const size_t stack = std::clamp<size_t>(a_stack_bytes / (tile_size * sizeof(Bf16) + 1), 1, end - begin);
  const size_t last_rows = p.m - (ceil_div(p.m, p.height) - 1) * p.height;
  const std::vector<int32_t> whole = chunk_offsets(chunks, p.height), last = chunk_offsets(chunks, last_rows);
  Scratch memory((stack * tile_size + Bf16Kernel::slack_rows * bf16_chunk) * sizeof(Bf16));
  auto* left = memory.as<Bf16>();
  alignas(64) float sums[Bf16Kernel::max_rows * bf16_columns];
  const Bf16Use use(p.kernel);
  for (; begin < end; begin += stack) {
    const size_t count = std::min(stack, end - begin);
    const auto rows_of = [&](size_t i) { return std::min(p.height, p.m - (begin + i) * p.height); };
    for (size_t i = 0; i < count; ++i) fill(p, (begin + i) * p.height, rows_of(i), left + i * tile_size);
    for (size_t panel = first_panel; panel < last_panel; ++panel) {
      const size_t column = panel * bf16_columns, columns = std::min(bf16_columns, p.b.n() - column);
      for (size_t i = 0; i < count; ++i) {
        const size_t row = (begin + i) * p.height, rows = rows_of(i);
        Bf16Tile tile{left + i * tile_size, bf16_chunk, rows == p.height ? whole.data() : last.data(), chunks,
                      p.b.panel(panel),     sums};
        if (p.fetches && panel + 1 < last_panel) fetch_part(tile, p.b.panel(panel + 1), i, count);
        p.kernel.tile[rows - 1][columns > bf16_columns / 2](tile);
        finish(p, sums, row, rows, column, columns);
      }
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
  if (m == 0 || b.n() == 0) return;
  const Bf16Kernel& kernel = bf16_kernel();
  const size_t height = ceil_div(m, ceil_div(m, kernel.rows)), tiles = ceil_div(m, height);
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
  const Product product{kernel, m, height, a, a_stride, b, c, c_stride, bias, behind, fetches};
  // Columns are shared out first: each panel is read by one task, and A is small.
  const double products =
      static_cast<double>(m) * static_cast<double>(b.n()) * static_cast<double>(b.k() + 1);
  const double numbers = static_cast<double>(m) * static_cast<double>(b.n() + b.k());
  const size_t tasks = bf16_tasks(products, numbers, pool.size());
  const size_t task_panels = ceil_div(b.panels(), std::min(tasks, b.panels()));
  const size_t column_tasks = ceil_div(b.panels(), task_panels);
  const size_t task_tiles = ceil_div(tiles, std::min(ceil_div(tasks, column_tasks), tiles));
  const size_t row_tasks = ceil_div(tiles, task_tiles);
  pool.parallel_for(row_tasks * column_tasks, 1, [&](size_t begin, size_t end) {
    for (size_t task = begin; task < end; ++task) {
      const size_t tile = task % row_tasks * task_tiles, panel = task / row_tasks * task_panels;
      multiply(product, tile, std::min(tiles, tile + task_tiles), panel,
               std::min(b.panels(), panel + task_panels));
    }
  });
}

}  // namespace atlas::cpu
