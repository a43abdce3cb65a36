// On the register tiles of other products of f32.
#include "atlas/targets/cpu/kernels/attention_products.h"
#include "atlas/targets/cpu/kernels/pack_panel.h"
#include "atlas/targets/cpu/kernels/packed_matrix.h"
#include "atlas/targets/cpu/kernels/scratch.h"

namespace atlas::cpu {
namespace {

size_t whole_blocks(size_t n) {
  return ceil_div(n, channel_block) * channel_block;
}

void pack(const ColumnPanels& panels, MatrixView b, float* to) {
  for (size_t panel = 0; panel < panels.count; ++panel)
    pack_panel(b.at(0, panel * panels.width).data, b.column_stride, b.row_stride, panels.columns_of(panel),
               panels.k, panels.width_of(panel), to + panels.offset(panel));
}

class F32Head : public HeadProducts {
 public:
  F32Head(const HeadSizes& sizes, float scale, MatrixView keys, MatrixView values)
      : scale_(scale),
        keys_(kernel_, sizes.keys, sizes.size),
        values_(kernel_, sizes.value_size, sizes.keys),
        weights_at_(whole_blocks(sizes.rows * whole_blocks(sizes.size) + pack_slack)),
        values_at_(weights_at_ + sizes.rows * whole_blocks(sizes.keys)),
        keys_at_(values_at_ + whole_blocks(values_.size() + pack_slack)),
        memory_((keys_at_ + keys_.size() + pack_slack) * sizeof(float)) {
    pack(keys_, keys, at(keys_at_));
    pack(values_, values, at(values_at_));
  }

  RowTiles tiles(size_t rows, size_t k) const override { return {kernel_, rows, k}; }

  void multiply_keys(MatrixView queries, size_t rows, size_t keys, float* scores,
                     size_t panel_stride) override {
    const RowTiles left(kernel_, rows, keys_.k);
    pack_rows(left, queries, scale_, at(0));
    for (size_t panel = 0; panel * keys_.width < keys; ++panel) {
      const size_t key = panel * keys_.width;
      multiply({.kernel = kernel_,
                .tiles = left,
                .begin = 0,
                .end = left.count,
                .a = at(0),
                .panel = at(keys_at_) + keys_.offset(panel),
                .columns = keys_.width_of(panel),
                .c = scores + key / score_panel * panel_stride + key % score_panel,
                .c_stride = score_panel});
    }
    row_ = whole_blocks(keys);
  }

  WeightPlaces weights(size_t first_row, size_t rows) override {
    const size_t block = rows * channel_block;
    return {at(weights_at_) + first_row * row_, channel_block, 2 * block, block};
  }

  void multiply_values(size_t rows, size_t keys, float* y, size_t stride) override {
    const RowTiles left(kernel_, rows, keys);
    for (size_t panel = 0; panel < values_.count; ++panel)
      multiply({.kernel = kernel_,
                .tiles = left,
                .begin = 0,
                .end = left.count,
                .a = at(weights_at_),
                .panel = at(values_at_) + values_.offset(panel),
                .columns = values_.columns_of(panel),
                .c = y + panel * values_.width,
                .c_stride = stride});
  }

 private:
  float* at(size_t element) { return memory_.as<float>() + element; }

  const BlockedKernel& kernel_ = blocked_kernel();
  float scale_;
  ColumnPanels keys_, values_;
  size_t weights_at_, values_at_, keys_at_;  // queries come first
  size_t row_ = 0;                           // floats of a row of weights
  Scratch memory_;
};

}  // namespace

std::unique_ptr<HeadProducts> f32_head(const HeadSizes& sizes, float scale, MatrixView keys,
                                       MatrixView values) {
  return std::make_unique<F32Head>(sizes, scale, keys, values);
}

}  // namespace atlas::cpu
