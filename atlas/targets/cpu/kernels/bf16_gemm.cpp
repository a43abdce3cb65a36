// Of some rows the threads round A together, into the order of the tiles; then each takes panels of B as it
// comes to them, since neighbours on the same core may halve the speed of one and not of the other.
#include "atlas/targets/cpu/kernels/bf16_gemm.h"

#include <algorithm>

#include "atlas/targets/cpu/kernels/pack_panel.h"
#include "atlas/targets/cpu/kernels/product_tiles.h"
#include "atlas/targets/cpu/kernels/scratch.h"

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

/// What the threads share of one product.
struct Product {
  const Bf16Kernel& kernel;
  const ProductTiles& tiles;
  const PackedBf16& b;
  Numbers<std::byte> c;
  size_t c_stride;
  Epilogue step, behind;
  bool fetches;
};

/// Tiles [begin, end), which lie at `left`, by panels of B.
void multiply(const Product& p, size_t begin, size_t end, const Bf16* left, size_t first_panel,
              size_t last_panel) {
  alignas(64) float sums[Bf16Kernel::max_rows * bf16_columns];
  const Bf16Use use(p.kernel);
  for (size_t panel = first_panel; panel < last_panel; ++panel) {
    const size_t column = panel * bf16_columns, columns = std::min(bf16_columns, p.b.n() - column);
    for (size_t tile = begin; tile < end; ++tile) {
      const size_t row = p.tiles.first(tile), rows = p.tiles.rows(tile);
      Bf16Tile sum{left + (tile - begin) * p.tiles.size(),
                   bf16_chunk,
                   p.tiles.offsets(tile),
                   p.b.chunks(),
                   p.b.panel(panel),
                   sums};
      if (p.fetches && panel + 1 < last_panel)
        fetch_part(sum, p.b.panel(panel + 1), tile - begin, end - begin);
      p.kernel.tile[rows - 1][columns > bf16_columns / 2](sum);
      finish_sums(p.kernel, p.step.at(row, column), p.behind, sums, rows, columns,
                  p.c.at(row * p.c_stride + column), p.c_stride);
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
  constexpr size_t left_bytes = 1024 * 1024;  // of A that stay in the second cache while panels of B pass
  constexpr size_t units_of_a_thread = 6;
  const Bf16Kernel& kernel = bf16_kernel();
  const ProductTiles tiles(kernel, m, b.k());
  float low, high;
  const bool passes_once = epilogue.behind(low, high).empty();
  const Product product{kernel,
                        tiles,
                        b,
                        c,
                        c_stride,
                        passes_once ? epilogue : epilogue.sums(),
                        passes_once ? Epilogue() : epilogue.rest(),
                        is_worth_fetching(m, b.k() * b.n())};
  const double products =
      static_cast<double>(m) * static_cast<double>(b.n()) * static_cast<double>(b.k() + 1);
  const double numbers = static_cast<double>(m) * static_cast<double>(b.n() + b.k());
  const bool alone = bf16_tasks(products, numbers, pool.size()) == 1;
  const size_t stack = std::clamp<size_t>(left_bytes / (tiles.size() * sizeof(Bf16) + 1), 1, tiles.count());
  const size_t unit = alone ? b.panels() : ceil_div(b.panels(), units_of_a_thread * pool.size());
  Scratch memory((stack * tiles.size() + Bf16Kernel::slack_rows * bf16_chunk) * sizeof(Bf16));
  auto* left = memory.as<Bf16>();
  for (size_t begin = 0; begin < tiles.count(); begin += stack) {
    const size_t end = std::min(tiles.count(), begin + stack);
    pool.parallel_for(end - begin, alone ? stack : 1, [&](size_t from, size_t until) {
      for (size_t i = from; i < until; ++i)
        fill(kernel, a.at(tiles.first(begin + i) * a_stride), a_stride, tiles.rows(begin + i), b.k(),
             left + i * tiles.size());
    });
    pool.parallel_for(ceil_div(b.panels(), unit), 1, [&](size_t from, size_t until) {
      multiply(product, begin, end, left, from * unit, std::min(b.panels(), until * unit));
    });
  }
}

}  // namespace atlas::cpu
