// What matrix products on the tiles of a Bf16Kernel share: how rows are cut, and what becomes of sums.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "atlas/targets/cpu/kernels/bf16_kernel.h"
#include "atlas/targets/cpu/kernels/ceil_div.h"
#include "atlas/targets/cpu/kernels/epilogue.h"

namespace atlas::cpu {

/// m rows in tiles of equal height, but the last, and where chunks of up to `steps` steps lie in one: chunks
/// in order, in each its rows.
class ProductTiles {
 public:
  ProductTiles(const Bf16Kernel& kernel, size_t m, size_t steps)
      : m_(m),
        height_(ceil_div(m, ceil_div(m, kernel.rows))),
        count_(ceil_div(m, height_)),
        size_(height_ * ceil_div(steps, bf16_chunk) * kernel.chunk()) {
    for (size_t i = 0; i < ceil_div(steps, bf16_chunk); ++i) {
      offsets_.push_back(static_cast<int32_t>(i * height_ * kernel.chunk()));
      last_offsets_.push_back(static_cast<int32_t>(i * rows(count_ - 1) * kernel.chunk()));
    }
  }

  size_t count() const { return count_; }
  size_t first(size_t tile) const { return tile * height_; }
  size_t rows(size_t tile) const { return std::min(height_, m_ - first(tile)); }
  /// Elements of a tile.
  size_t size() const { return size_; }
  const int32_t* offsets(size_t tile) const { return (tile + 1 < count_ ? offsets_ : last_offsets_).data(); }

 private:
  size_t m_, height_, count_, size_;
  std::vector<int32_t> offsets_, last_offsets_;
};

/// c = behind(step(sums)), `sums` bf16_columns a row and changed where `behind` is not empty or c is rounded.
void finish_sums(const Bf16Kernel& kernel, const Epilogue& step, const Epilogue& behind, float* sums,
                 size_t rows, size_t columns, Numbers<std::byte> c, size_t c_stride);

}  // namespace atlas::cpu
