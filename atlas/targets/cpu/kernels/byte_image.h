// A padded part of an image of bytes, in which every tap of a window is at one distance from its output.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "atlas/targets/cpu/kernels/conv_shape.h"
#include "atlas/targets/cpu/kernels/igemm_kernel.h"

namespace atlas::cpu {

/// Taps whose pixels lie side by side.
struct TapRun {
  size_t z, y, x, taps;
};

/// All taps of a window of one group, in the order of its steps of k: in each run, which is cut into
/// EvenChunks, the channels of each tap.
std::vector<TapRun> tap_runs(const ConvShape& shape);

/// Output (y, x) is row y * pitch + x of tiles. For this, rows that a stride leaves between two that a tap
/// reads lie in planes of their own: [tap of the depth][plane of rows][row][column][channel of the group].
class ByteImage {
 public:
  /// Of a convolution whose output is one deep; `shape` must outlive this. Throws InvalidArgument where it is
  /// too large.
  explicit ByteImage(const ConvShape& shape);

  size_t pitch() const { return pitch_; }
  size_t row_stride() const { return shape_.stride[2] * shape_.group_in(); }
  /// Of tiles.
  size_t rows() const { return (shape_.output()[1] - 1) * pitch_ + shape_.output()[2]; }
  const std::vector<IgemmChunk>& chunks() const { return chunks_; }
  /// With what tiles read behind the last row.
  size_t bytes() const;
  /// `image`: its first pixel's first channel of the group. What lies outside is `filler`; all bytes are
  /// exclusive-ored with `flip`.
  void fill(const uint8_t* image, uint8_t filler, uint8_t flip, uint8_t* to) const;

 private:
  size_t plane_rows() const { return shape_.output()[1] + (shape_.reach(1) - 1) / shape_.stride[1]; }
  size_t plane_bytes() const { return plane_rows() * pitch_ * row_stride(); }
  void fill_row(const uint8_t* pixels, uint8_t filler, uint8_t flip, uint8_t* to) const;

  const ConvShape& shape_;
  size_t pitch_;
  std::vector<size_t> row_planes_;
  std::vector<IgemmChunk> chunks_;
};

}  // namespace atlas::cpu
