// Rows and columns outside the image are zeros.
#include "atlas/targets/cpu/kernels/bf16_image.h"

#include <algorithm>

#include "atlas/targets/cpu/kernels/channel_blocks.h"
#include "atlas/targets/cpu/kernels/scratch.h"

namespace atlas::cpu {
namespace {

size_t index_of(const std::vector<size_t>& planes, size_t plane) {
  return static_cast<size_t>(std::find(planes.begin(), planes.end(), plane) - planes.begin());
}

}  // namespace

Bf16Image::Bf16Image(const ConvShape& shape, ImageLayout layout)
    : shape_(shape),
      plain_(layout == ImageLayout::Plain),
      blocks_(plain_ ? 1 : ceil_div(shape.group_in(), bf16_chunk)),
      row_planes_(tap_planes(shape, 1)),
      column_planes_(plain_ ? std::vector<size_t>{0} : tap_planes(shape, 2)) {
  const size_t width = shape.output()[2];
  pitch_ = plain_ ? ceil_div((width - 1) * shape.stride[2] + shape.reach(2), shape.stride[2])
                  : width + (shape.reach(2) - 1) / shape.stride[2];
}

size_t Bf16Image::size(size_t rows) const {
  return blocks_ * row_planes_.size() * column_planes_.size() * plane_size(rows) + slack();
}

std::vector<int32_t> Bf16Image::offsets(size_t rows) const {
  std::vector<int32_t> out;
  const auto add = [&](size_t at) { out.push_back(static_cast<int32_t>(at)); };
  const size_t plane = plane_size(rows), row_size = pitch_ * row_stride();
  for (size_t block = 0; block < blocks_; ++block)
    for (size_t i = 0; i < shape_.kernel[1]; ++i) {
      const size_t y = i * shape_.dilation[1];
      const size_t row_plane = block * row_planes_.size() + index_of(row_planes_, y % shape_.stride[1]);
      const size_t row_at = y / shape_.stride[1] * row_size;
      if (plain_) {
        const size_t chunks = ceil_div(shape_.kernel[2] * shape_.in_channels, bf16_chunk);
        for (size_t chunk = 0; chunk < chunks; ++chunk) add(row_plane * plane + row_at + chunk * bf16_chunk);
        continue;
      }
      for (size_t j = 0; j < shape_.kernel[2]; ++j) {
        const size_t x = j * shape_.dilation[2];
        const size_t at = row_plane * column_planes_.size() + index_of(column_planes_, x % shape_.stride[2]);
        add(at * plane + row_at + x / shape_.stride[2] * bf16_chunk);
      }
    }
  return out;
}

void Bf16Image::fill_plain(const Bf16Kernel& kernel, const float* image, size_t first, size_t rows,
                           Bf16* to) const {
  const size_t channels = shape_.in_channels, floats = pitch_ * row_stride();
  const size_t before = std::min(shape_.pad_begin[2] * channels, floats);
  const size_t columns = std::min(shape_.input[2], (floats - before) / channels);
  Scratch memory(floats * sizeof(float));
  float* row = memory.as<float>();
  std::fill_n(row, floats, 0.0f);
  for (const size_t plane : row_planes_)
    for (size_t i = 0; i < plane_rows(rows); ++i, to += floats) {
      const size_t y = (first + i) * shape_.stride[1] + plane - shape_.pad_begin[1];
      if (y >= shape_.input[1]) {
        std::fill_n(to, floats, Bf16{0});
        continue;
      }
      interleave_channels(image + y * shape_.input[2], volume(shape_.input), channels, columns, row + before);
      kernel.round(row, floats, to);
    }
  // A chunk may reach beyond its last step, where weights are 0: what is there must be a number.
  std::fill_n(to, slack(), Bf16{0});
}

template <typename T, typename FillPositions>
void Bf16Image::fill_row(const Bf16Blocks<T>& blocks, size_t row, size_t column_plane, Bf16* to,
                         const FillPositions& fill_positions) const {
  const size_t y = row - shape_.pad_begin[1], stride = shape_.stride[2], pad = shape_.pad_begin[2];
  if (y >= shape_.input[1]) {
    std::fill_n(to, pitch_ * bf16_chunk, Bf16{0});
    return;
  }
  // Columns [begin, end) of the plane lie inside the image.
  const auto column_of = [&](size_t position) {
    return position > column_plane ? ceil_div(position - column_plane, stride) : 0;
  };
  const size_t begin = std::min(pitch_, column_of(pad));
  const size_t end = std::clamp(column_of(shape_.input[2] + pad), begin, pitch_);
  std::fill_n(to, begin * bf16_chunk, Bf16{0});
  if (end > begin) {
    Bf16Blocks<T> from = blocks;
    const size_t at = (y * shape_.input[2] + begin * stride + column_plane - pad) * channel_block;
    from.low += at;
    if (from.high) from.high += at;
    from.stride = stride * channel_block;
    fill_positions(from, end - begin, to + begin * bf16_chunk);
  }
  std::fill_n(to + end * bf16_chunk, (pitch_ - end) * bf16_chunk, Bf16{0});
}

template <typename T, typename FillPositions>
void Bf16Image::fill_blocked(const T* image, const ChannelScale& scale, size_t first, size_t rows, Bf16* to,
                             const FillPositions& fill_positions) const {
  const size_t block_stride = volume(shape_.input) * channel_block;
  for (size_t block = 0; block < blocks_; ++block) {
    Bf16Blocks<T> blocks{};
    const size_t channel = block * bf16_chunk;
    blocks.lanes = std::min(bf16_chunk, shape_.group_in() - channel);
    blocks.low = image + 2 * block * block_stride;
    if (blocks.lanes > channel_block) blocks.high = blocks.low + block_stride;
    blocks.scale = scale.at(channel);
    for (const size_t row_plane : row_planes_)
      for (const size_t column_plane : column_planes_)
        for (size_t i = 0; i < plane_rows(rows); ++i, to += pitch_ * bf16_chunk)
          fill_row(blocks, (first + i) * shape_.stride[1] + row_plane, column_plane, to, fill_positions);
  }
}

void Bf16Image::fill(const Bf16Kernel& kernel, const float* image, const ChannelScale& scale, size_t first,
                     size_t rows, Bf16* to) const {
  if (plain_) return fill_plain(kernel, image, first, rows, to);
  fill_blocked(image, scale, first, rows, to, kernel.fill_blocks);
}

void Bf16Image::fill(const Bf16Kernel& kernel, const Bf16* image, const ChannelScale& scale, size_t first,
                     size_t rows, Bf16* to) const {
  fill_blocked(image, scale, first, rows, to, kernel.copy_blocks);
}

}  // namespace atlas::cpu
