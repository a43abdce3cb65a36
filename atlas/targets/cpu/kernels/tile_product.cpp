// Of some rows the threads lay out A together; then each takes panels of B as it comes to them, since
// neighbours on the same core may halve the speed of one and not of the other.
#include "atlas/targets/cpu/kernels/tile_product.h"

#include <algorithm>
#include <vector>

#include "atlas/targets/cpu/kernels/ceil_div.h"
#include "atlas/targets/cpu/kernels/scratch.h"

namespace atlas::cpu {
namespace {

constexpr size_t left_bytes = 1024 * 1024;  // of A that stay in the second cache while panels of B pass

class Run {
 public:
  Run(const TileProduct& product, ThreadPool& pool)
      : p_(product),
        tiles_(ceil_div(p_.m, p_.kernel.rows)),
        height_(ceil_div(p_.m, tiles_)),
        chunks_(ceil_div(p_.k, bf16_chunk)),
        panels_(ceil_div(p_.n, bf16_columns)) {
    tiles_ = ceil_div(p_.m, height_);
    stack_ = std::clamp<size_t>(left_bytes / (tile_size() * sizeof(Bf16) + 1), 1, tiles_);
    const double products =
        static_cast<double>(p_.m) * static_cast<double>(p_.n) * static_cast<double>(p_.k + 1);
    const double numbers = static_cast<double>(p_.m) * static_cast<double>(p_.n + p_.k);
    const bool alone = bf16_tasks(products, numbers, pool.size()) == 1;
    constexpr size_t units_of_a_thread = 6;
    unit_panels_ = alone ? panels_ : ceil_div(panels_, units_of_a_thread * pool.size());
    fill_grain_ = alone ? stack_ : 1;
    for (const size_t rows : {height_, p_.m - (tiles_ - 1) * height_}) {
      std::vector<int32_t>& offsets = rows == height_ ? offsets_ : last_offsets_;
      offsets.clear();
      for (size_t i = 0; i < chunks_; ++i)
        offsets.push_back(static_cast<int32_t>(i * rows * p_.kernel.chunk()));
    }
  }

  void multiply_all(ThreadPool& pool) const {
    Scratch memory((stack_ * tile_size() + Bf16Kernel::slack_rows * p_.kernel.chunk()) * sizeof(Bf16));
    auto* left = memory.as<Bf16>();
    for (size_t begin = 0; begin < tiles_; begin += stack_) {
      const size_t end = std::min(tiles_, begin + stack_);
      pool.parallel_for(end - begin, fill_grain_, [&](size_t from, size_t until) {
        for (size_t i = from; i < until; ++i)
          p_.fill((begin + i) * height_, rows_of(begin + i), left + i * tile_size());
      });
      pool.parallel_for(ceil_div(panels_, unit_panels_), 1, [&](size_t from, size_t until) {
        multiply_panels(begin, end, left, from * unit_panels_, std::min(panels_, until * unit_panels_));
      });
    }
  }

 private:
  size_t tile_size() const { return height_ * chunks_ * p_.kernel.chunk(); }
  size_t rows_of(size_t tile) const { return std::min(height_, p_.m - tile * height_); }

  void multiply_panels(size_t begin, size_t end, const Bf16* left, size_t first_panel,
                       size_t last_panel) const {
    alignas(64) float sums[Bf16Kernel::max_rows * bf16_columns];
    const Bf16Use use(p_.kernel);
    for (size_t panel = first_panel; panel < last_panel; ++panel) {
      const size_t column = panel * bf16_columns, columns = std::min(bf16_columns, p_.n - column);
      const Bf16* right = p_.panel(panel);
      for (size_t tile = begin; tile < end; ++tile) {
        const size_t rows = rows_of(tile), i = tile - begin;
        Bf16Tile step{.a = left + i * tile_size(),
                      .row_stride = p_.kernel.chunk(),
                      .offsets = (rows == height_ ? offsets_ : last_offsets_).data(),
                      .chunks = chunks_,
                      .b = right,
                      .sums = sums};
        if (p_.fetches && panel + 1 < last_panel) fetch_part(step, p_.panel(panel + 1), i, end - begin);
        p_.kernel.tile[rows - 1][columns > bf16_columns / 2](step);
        p_.finish(sums, tile * height_, rows, column, columns);
      }
    }
  }

  const TileProduct& p_;
  size_t tiles_, height_;  // of the rows, and of one
  size_t chunks_, panels_;
  size_t stack_;  // tiles at a time
  size_t unit_panels_, fill_grain_;
  std::vector<int32_t> offsets_, last_offsets_;  // of the chunks of a tile
};

}  // namespace

void multiply(const TileProduct& product, ThreadPool& pool) {
  if (product.m == 0 || product.n == 0) return;
  Run(product, pool).multiply_all(pool);
}

}  // namespace atlas::cpu
