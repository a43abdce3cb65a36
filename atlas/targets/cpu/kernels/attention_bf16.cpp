// On the tiles of other products of bfloat16: keys with their scale, queries, weights and values are rounded.
#include <algorithm>
#include <vector>

#include "atlas/targets/cpu/kernels/attention_products.h"
#include "atlas/targets/cpu/kernels/bf16_kernel.h"
#include "atlas/targets/cpu/kernels/epilogue.h"
#include "atlas/targets/cpu/kernels/pack_panel.h"
#include "atlas/targets/cpu/kernels/scratch.h"

namespace atlas::cpu {
namespace {

static_assert(bf16_columns == score_panel && bf16_chunk == score_panel);

size_t chunks_of(size_t steps) {
  return ceil_div(steps, bf16_chunk);
}

size_t whole_panels(size_t columns) {
  return ceil_div(columns, bf16_columns) * bf16_columns;
}

/// A right operand, k x columns, in panels.
class RoundedPanels {
 public:
  RoundedPanels(MatrixView b, float factor, size_t k, size_t columns)
      : columns_(columns),
        panel_(chunks_of(k) * bf16_panel_step),
        memory_(ceil_div(columns, bf16_columns) * panel_ * sizeof(Bf16)) {
    Scratch turned_memory((k * bf16_columns + pack_slack) * sizeof(float));
    auto* turned = turned_memory.as<float>();
    for (size_t first = 0; first < columns; first += bf16_columns) {
      pack_bf16_columns(b.at(0, first).data, b.column_stride, b.row_stride,
                        std::min(bf16_columns, columns - first), k, factor, turned,
                        memory_.as<Bf16>() + first / bf16_columns * panel_);
    }
  }

  /// The first `columns` columns of A B, `chunks` chunks of k, a panel of them each: row r of panel i goes to
  /// c + i * panel_stride + r * bf16_columns. A lies tile by tile, in each its chunks one behind the other.
  void multiply(const Bf16Kernel& kernel, const RowTiles& tiles, const Bf16* a, size_t chunks, size_t columns,
                float* c, size_t panel_stride) {
    std::vector<int32_t> offsets(chunks);
    const Bf16Use use(kernel);
    for (size_t tile = 0; tile < tiles.count; ++tile) {
      const size_t row = tiles.first(tile), rows = tiles.first(tile + 1) - row;
      for (size_t i = 0; i < chunks; ++i) offsets[i] = static_cast<int32_t>(i * rows * bf16_chunk);
      for (size_t first = 0; first < columns; first += bf16_columns) {
        const size_t count = std::min(bf16_columns, columns - first);
        const size_t panel = first / bf16_columns;
        kernel.tile[rows - 1][count > bf16_columns / 2](
            {a + row * chunks * bf16_chunk, bf16_chunk, offsets.data(), chunks,
             memory_.as<Bf16>() + panel * panel_, c + panel * panel_stride + row * bf16_columns});
      }
    }
  }

  size_t columns() const { return columns_; }

 private:
  size_t columns_, panel_;
  Scratch memory_;
};

class Bf16Head : public HeadProducts {
 public:
  Bf16Head(const HeadSizes& sizes, float scale, MatrixView keys, MatrixView values)
      : size_(sizes.size),
        keys_(keys, scale, sizes.size, sizes.keys),
        values_(values, 1, sizes.keys, sizes.value_size),
        results_(whole_panels(sizes.value_size) * (sizes.rows + score_slack_rows) * sizeof(float)),
        left_((sizes.rows * std::max(chunks_of(sizes.size), chunks_of(sizes.keys)) + Bf16Kernel::slack_rows) *
              bf16_chunk * sizeof(Bf16)) {}

  RowTiles tiles(size_t rows, size_t k) const override { return {kernel_.rows, rows, k}; }

  void multiply_keys(MatrixView queries, size_t rows, size_t keys, float* scores,
                     size_t panel_stride) override {
    const RowTiles left = tiles(rows, size_);
    for (size_t tile = 0; tile < left.count; ++tile) {
      const size_t row = left.first(tile);
      kernel_.fill(queries.at(row, 0).data, queries.row_stride, left.first(tile + 1) - row, size_,
                   left_.as<Bf16>() + row * chunks_of(size_) * bf16_chunk);
    }
    keys_.multiply(kernel_, left, left_.as<Bf16>(), chunks_of(size_), keys, scores, panel_stride);
    scores_ = scores;
    panel_stride_ = panel_stride;
  }

  WeightPlaces weights(size_t first_row, size_t) override {
    return {scores_ + first_row * score_panel, score_panel, panel_stride_, channel_block};
  }

  void multiply_values(size_t rows, size_t keys, float* y, size_t stride) override {
    const RowTiles left = tiles(rows, keys);
    const size_t chunks = chunks_of(keys), last = keys - (chunks - 1) * bf16_chunk;
    for (size_t tile = 0; tile < left.count; ++tile) {
      const size_t row = left.first(tile), count = left.first(tile + 1) - row;
      Bf16* to = left_.as<Bf16>() + row * chunks * bf16_chunk;
      for (size_t chunk = 0; chunk < chunks; ++chunk, to += count * bf16_chunk) {
        const float* low = scores_ + chunk * panel_stride_ + row * score_panel;
        kernel_.fill_blocks(
            {low, low + channel_block, score_panel, chunk + 1 < chunks ? bf16_chunk : last, nullptr, nullptr},
            count, to);
      }
    }
    auto* results = results_.as<float>();
    const size_t results_stride = (rows + score_slack_rows) * bf16_columns;
    values_.multiply(kernel_, left, left_.as<Bf16>(), chunks, values_.columns(), results, results_stride);
    for (size_t first = 0; first < values_.columns(); first += bf16_columns)
      apply({}, results + first / bf16_columns * results_stride, bf16_columns, y + first, stride, rows,
            std::min(bf16_columns, values_.columns() - first));
  }

 private:
  const Bf16Kernel& kernel_ = bf16_kernel();
  size_t size_;
  RoundedPanels keys_, values_;
  Scratch results_, left_;
  float* scores_ = nullptr;  // of the last product with keys; the weights take their place
  size_t panel_stride_ = 0;
};

}  // namespace

std::unique_ptr<HeadProducts> bf16_head(const HeadSizes& sizes, float scale, MatrixView keys,
                                        MatrixView values) {
  return std::make_unique<Bf16Head>(sizes, scale, keys, values);
}

}  // namespace atlas::cpu
