// Rows are copied as they lie, their padding written around them.
#include "atlas/targets/cpu/kernels/byte_image.h"

#include <algorithm>
#include <cstring>
#include <limits>

#include "atlas/base/error.h"
#include "atlas/targets/cpu/kernels/ceil_div.h"

namespace atlas::cpu {
namespace {

void copy(const uint8_t* from, size_t count, uint8_t flip, uint8_t* to) {
  if (flip == 0) return static_cast<void>(std::memcpy(to, from, count));
  for (size_t i = 0; i < count; ++i) to[i] = from[i] ^ flip;
}

}  // namespace

std::vector<TapRun> tap_runs(const ConvShape& shape) {
  const size_t taps = shape.dilation[2] == 1 ? shape.kernel[2] : 1;
  std::vector<TapRun> runs;
  for (size_t z = 0; z < shape.kernel[0]; ++z)
    for (size_t y = 0; y < shape.kernel[1]; ++y)
      for (size_t x = 0; x < shape.kernel[2]; x += taps) runs.push_back({z, y, x, taps});
  return runs;
}

ByteImage::ByteImage(const ConvShape& shape)
    : shape_(shape),
      pitch_(shape.output()[2] + (shape.reach(2) - 1) / shape.stride[2]),
      row_planes_(tap_planes(shape, 1)) {
  const size_t channels = shape.group_in(), plane = plane_bytes();
  require(bytes() <= std::numeric_limits<int32_t>::max(),
          "convolution: expected at most {} bytes of an image at once, got {}",
          std::numeric_limits<int32_t>::max(), bytes());
  for (const TapRun& run : tap_runs(shape)) {
    const size_t y = run.y * shape.dilation[1];
    const size_t row_plane =
        static_cast<size_t>(std::ranges::find(row_planes_, y % shape.stride[1]) - row_planes_.begin());
    const size_t at = (run.z * row_planes_.size() + row_plane) * plane +
                      y / shape.stride[1] * pitch_ * row_stride() + run.x * shape.dilation[2] * channels;
    const EvenChunks even(run.taps * channels);
    for (size_t i = 0; i < even.count; ++i)
      chunks_.push_back({static_cast<int32_t>(at + i * even.quads * 4), static_cast<int32_t>(even.quads)});
  }
}

size_t ByteImage::bytes() const {
  return shape_.kernel[0] * row_planes_.size() * plane_bytes() + IgemmKernel::max_rows * row_stride() +
         2 * IgemmKernel::chunk;
}

void ByteImage::fill_row(const uint8_t* pixels, uint8_t filler, uint8_t flip, uint8_t* to) const {
  // Columns from `begin` to `end` lie inside; cropping makes negative padding.
  const auto columns = static_cast<std::ptrdiff_t>(pitch_ * shape_.stride[2]);
  const auto pad = static_cast<std::ptrdiff_t>(shape_.pad_begin[2]);
  const std::ptrdiff_t begin = std::clamp<std::ptrdiff_t>(pad, 0, columns);
  const std::ptrdiff_t end =
      std::clamp<std::ptrdiff_t>(pad + static_cast<std::ptrdiff_t>(shape_.input[2]), begin, columns);
  const size_t channels = shape_.group_in(), before = static_cast<size_t>(begin) * channels;
  const auto inside = static_cast<size_t>(end - begin);
  std::memset(to, filler ^ flip, before);
  const uint8_t* from = pixels + static_cast<size_t>(begin - pad) * shape_.in_channels;
  to += before;
  if (shape_.groups == 1) {
    copy(from, inside * channels, flip, to);
  } else {
    for (size_t i = 0; i < inside; ++i)
      copy(from + i * shape_.in_channels, channels, flip, to + i * channels);
  }
  std::memset(to + inside * channels, filler ^ flip, static_cast<size_t>(columns - end) * channels);
}

void ByteImage::fill(const uint8_t* image, uint8_t filler, uint8_t flip, uint8_t* to) const {
  const size_t row_bytes = pitch_ * row_stride(), line = shape_.input[2] * shape_.in_channels;
  for (size_t tap = 0; tap < shape_.kernel[0]; ++tap) {
    const size_t z = tap * shape_.dilation[0] - shape_.pad_begin[0];
    for (const size_t plane : row_planes_)
      for (size_t i = 0; i < plane_rows(); ++i, to += row_bytes) {
        const size_t y = i * shape_.stride[1] + plane - shape_.pad_begin[1];
        if (z < shape_.input[0] && y < shape_.input[1])  // negative ones have wrapped
          fill_row(image + (z * shape_.input[1] + y) * line, filler, flip, to);
        else
          std::memset(to, filler ^ flip, row_bytes);
      }
  }
  std::memset(to, 0, IgemmKernel::max_rows * row_stride() + 2 * IgemmKernel::chunk);
}

}  // namespace atlas::cpu
