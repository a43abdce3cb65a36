// Some rows of an image with its padding, in bfloat16 and in the order in which tiles read them.
#pragma once

#include <vector>

#include "atlas/targets/cpu/kernels/bf16_kernel.h"
#include "atlas/targets/cpu/kernels/blocked_conv.h"

namespace atlas::cpu {

/// Output positions of a band of rows are rows of tiles: (y, x) is row y * pitch + x, and a tap is at one
/// distance from all of them. For this, positions that a stride leaves between two that a tap reads lie in
/// planes of their own: [block of 32 channels][plane of rows][plane of columns][row][column][32]. Of a plain
/// image the channels of a row's positions lie side by side: [plane of rows][row][column][channel].
class Bf16Image {
 public:
  /// `shape` must outlive this.
  Bf16Image(const ConvShape& shape, ImageLayout layout);

  size_t pitch() const { return pitch_; }
  /// Elements from one row of a tile to the next.
  size_t row_stride() const { return plain_ ? shape_.stride[2] * shape_.in_channels : bf16_chunk; }
  /// Elements of a band of so many output rows, and what tiles read behind it.
  size_t size(size_t rows) const;
  /// Where the chunks lie in such a band.
  std::vector<int32_t> offsets(size_t rows) const;
  /// Writes the band of `rows` output rows from `first` on. `image`: the group's channels, or a plain image,
  /// which is not scaled.
  void fill(const Bf16Kernel& kernel, const float* image, const ChannelScale& scale, size_t first,
            size_t rows, Bf16* to) const;
  /// The same of a blocked image of bfloat16.
  void fill(const Bf16Kernel& kernel, const Bf16* image, const ChannelScale& scale, size_t first, size_t rows,
            Bf16* to) const;

 private:
  size_t plane_rows(size_t rows) const { return rows + (shape_.reach(1) - 1) / shape_.stride[1]; }
  size_t plane_size(size_t rows) const { return plane_rows(rows) * pitch_ * row_stride(); }
  size_t slack() const { return Bf16Kernel::slack_rows * row_stride() + 2 * bf16_chunk; }
  void fill_plain(const Bf16Kernel& kernel, const float* image, size_t first, size_t rows, Bf16* to) const;
  template <typename T, typename FillPositions>
  void fill_blocked(const T* image, const ChannelScale& scale, size_t first, size_t rows, Bf16* to,
                    const FillPositions& fill_positions) const;
  template <typename T, typename FillPositions>
  void fill_row(const Bf16Blocks<T>& blocks, size_t row, size_t column_plane, Bf16* to,
                const FillPositions& fill_positions) const;

  const ConvShape& shape_;
  bool plain_;
  size_t blocks_;  // of 32 channels
  size_t pitch_;
  std::vector<size_t> row_planes_, column_planes_;  // those that taps read: positions modulo the stride
};

}  // namespace atlas::cpu
