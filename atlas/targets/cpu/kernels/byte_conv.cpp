// A matrix product whose rows are windows, written out a few at a time while the product wants them; where
// every channel is by itself, sums of four taps at a time.
#include "atlas/targets/cpu/kernels/byte_conv.h"

#include <algorithm>
#include <cstring>

#include "atlas/targets/cpu/kernels/ceil_div.h"
#include "atlas/targets/cpu/kernels/scratch.h"

namespace atlas::cpu {
namespace {

/// A window: of which image of the batch, and where it begins in that image with its padding.
struct Corner {
  size_t image, z, y, x;
};

class Windows {
 public:
  Windows(const ConvShape& shape, const uint8_t* images, uint8_t filler)
      : shape_(shape),
        size_(shape.output()),
        images_(images),
        images_end_(images + shape.batch * volume(shape.input) * shape.in_channels),
        filler_(filler),
        padding_(shape.input[2] * shape.in_channels, filler) {}

  Corner corner(size_t row) const {
    const size_t x = row % size_[2], y = row / size_[2] % size_[1], z = row / (size_[2] * size_[1]);
    return {z / size_[0], z % size_[0] * shape_.stride[0], y * shape_.stride[1], x * shape_.stride[2]};
  }

  /// The window behind it.
  void advance(Corner& corner) const {
    if ((corner.x += shape_.stride[2]) < size_[2] * shape_.stride[2]) return;
    corner.x = 0;
    if ((corner.y += shape_.stride[1]) < size_[1] * shape_.stride[1]) return;
    corner.y = 0;
    if ((corner.z += shape_.stride[0]) < size_[0] * shape_.stride[0]) return;
    corner.z = 0;
    ++corner.image;
  }

  /// The row of pixels that tap (z, y) of the windows at `corner` reads, from the image's first pixel on;
  /// nullptr in the padding.
  const uint8_t* pixel_row(const Corner& corner, size_t tap_z, size_t tap_y) const {
    const size_t z = corner.z + tap_z * shape_.dilation[0] - shape_.pad_begin[0];
    const size_t y = corner.y + tap_y * shape_.dilation[1] - shape_.pad_begin[1];
    if (z >= shape_.input[0] || y >= shape_.input[1]) return nullptr;  // negative ones have wrapped
    return images_ + ((corner.image * shape_.input[0] + z) * shape_.input[1] + y) * shape_.input[2] *
                         shape_.in_channels;
  }

  /// The taps of a window one after the other, in each the channels of a group from `channel` on.
  void write(const Corner& corner, size_t channel, uint8_t* to) const {
    const size_t channels = shape_.group_in(), taps = shape_.kernel[2], step = shape_.dilation[2];
    for (size_t tap_z = 0; tap_z < shape_.kernel[0]; ++tap_z)
      for (size_t tap_y = 0; tap_y < shape_.kernel[1]; ++tap_y, to += taps * channels) {
        const uint8_t* pixels = pixel_row(corner, tap_z, tap_y);
        // Taps from `begin` to `end` lie inside; cropping makes negative padding.
        const auto x = static_cast<std::ptrdiff_t>(corner.x - shape_.pad_begin[2]);
        const auto width = static_cast<std::ptrdiff_t>(shape_.input[2]);
        const size_t begin = x < 0 ? std::min(taps, ceil_div(static_cast<size_t>(-x), step)) : 0;
        const size_t end = x < width ? std::min(taps, ceil_div(static_cast<size_t>(width - x), step)) : 0;
        if (!pixels || begin >= end) {
          std::memset(to, filler_, taps * channels);
          continue;
        }
        if (begin > 0) std::memset(to, filler_, begin * channels);
        const uint8_t* from =
            pixels + (corner.x + begin * step - shape_.pad_begin[2]) * shape_.in_channels + channel;
        if (step == 1 && shape_.groups == 1) {
          copy(from, (end - begin) * channels, to + begin * channels);
        } else {
          for (size_t tap = begin; tap < end; ++tap, from += step * shape_.in_channels)
            std::memcpy(to + tap * channels, from, channels);
        }
        if (end < taps) std::memset(to + end * channels, filler_, (taps - end) * channels);
      }
  }

  /// The one pixel of a window of 1x1.
  const uint8_t* pixel(const Corner& corner, size_t channel) const {
    const uint8_t* pixels = pixel_row(corner, 0, 0);
    const size_t x = corner.x - shape_.pad_begin[2];
    if (!pixels || x >= shape_.input[2]) return padding_.data();
    return pixels + x * shape_.in_channels + channel;
  }

  const uint8_t* padding() const { return padding_.data(); }

 private:
  /// A short run in whole pieces, as long as they are of the images: row_slack bytes behind it may be
  /// written.
  void copy(const uint8_t* from, size_t count, uint8_t* to) const {
    constexpr size_t short_run = 64;
    if (count > short_run || static_cast<size_t>(images_end_ - from) < count + row_slack)
      return static_cast<void>(std::memcpy(to, from, count));
    for (size_t i = 0; i < count; i += row_slack) std::memcpy(to + i, from + i, row_slack);
  }

  const ConvShape& shape_;
  Spatial size_;
  const uint8_t* images_;
  const uint8_t* images_end_;
  uint8_t filler_;
  std::vector<uint8_t> padding_;  // a row of it
};

/// Four rows of taps at a time for one row of windows: [quad][padded pixel][channel][row].
struct LineLayout {
  explicit LineLayout(const ConvShape& shape)
      : rows(shape.kernel[0] * shape.kernel[1]),
        quads(ceil_div(rows, 4)),
        pixel_bytes(4 * shape.in_channels),
        pixels(shape.padded(2)) {}

  size_t quad_bytes() const { return pixels * pixel_bytes; }
  /// The last channels of the last pixel are read as a whole panel.
  size_t bytes() const { return quads * quad_bytes() + 4 * igemm_columns; }

  size_t rows, quads, pixel_bytes, pixels;
};

void write_line(const ConvShape& shape, const Windows& windows, const Corner& corner, const LineLayout& line,
                uint8_t filler, uint8_t flip, uint8_t* to) {
  // Pixels from `begin` to `end` lie inside; cropping makes negative padding.
  const auto pad = static_cast<std::ptrdiff_t>(shape.pad_begin[2]);
  const size_t begin = std::min(line.pixels, static_cast<size_t>(std::max<std::ptrdiff_t>(0, pad)));
  const auto inside = static_cast<std::ptrdiff_t>(shape.input[2]) + std::min<std::ptrdiff_t>(0, pad);
  const size_t end = std::min(line.pixels, begin + static_cast<size_t>(std::max<std::ptrdiff_t>(0, inside)));
  const size_t skipped = begin < end ? (begin - shape.pad_begin[2]) * shape.in_channels : 0;
  for (size_t quad = 0; quad < line.quads; ++quad, to += line.quad_bytes()) {
    const uint8_t* rows[4];
    for (size_t r = 0; r < 4; ++r) {
      const size_t row = quad * 4 + r;
      const uint8_t* pixels =
          row < line.rows ? windows.pixel_row(corner, row / shape.kernel[1], row % shape.kernel[1]) : nullptr;
      rows[r] = pixels ? pixels + skipped : windows.padding();
    }
    std::memset(to, filler ^ flip, begin * line.pixel_bytes);
    interleave_quads(rows, (end - begin) * shape.in_channels, flip, to + begin * line.pixel_bytes);
    std::memset(to + end * line.pixel_bytes, filler ^ flip, (line.pixels - end) * line.pixel_bytes);
  }
}

}  // namespace

ByteConvWeights::ByteConvWeights(const ConvShape& shape, ByteFinder weights, bool is_signed,
                                 const int32_t* zero_points, ThreadPool& pool, Packer& packer) {
  const size_t taps = volume(shape.kernel), channels = shape.group_in(), k = taps * channels;
  bool has_zeros = false;
  for (size_t m = 0; m < shape.out_channels; ++m)
    has_zeros = has_zeros || (zero_points ? zero_points[m] : 0) != (is_signed ? 0 : 128);
  if (shape.depthwise() && !has_zeros) {
    channels_ = ceil_div(shape.out_channels, igemm_columns) * igemm_columns;
    taps_bytes_ = channels_ * shape.kernel[2] * LineLayout(shape).quads * 4;
    taps_ = packer.pack(taps_bytes_ + channels_ * sizeof(int32_t), [&](std::byte* to) {
      fill_taps(shape, static_cast<const uint8_t*>(weights()), is_signed, to);
    });
    return;
  }
  for (size_t first = 0; first < shape.out_channels; first += shape.group_out()) {
    // [out channel][tap][channel]: the order of a window's bytes.
    std::vector<uint8_t> turned;
    const auto turn = [&] {
      turned.resize(shape.group_out() * k);
      const auto* from = static_cast<const uint8_t*>(weights()) + first * k;
      for (size_t m = 0; m < shape.group_out(); ++m)
        for (size_t c = 0; c < channels; ++c)
          for (size_t tap = 0; tap < taps; ++tap)
            turned[m * k + tap * channels + c] = from[m * k + c * taps + tap];
      return ByteMatrix{turned.data(), is_signed, 1, k, 0, zero_points ? zero_points + first : nullptr};
    };
    groups_.emplace_back(turn, k, shape.group_out(), pool, packer);
  }
}

void ByteConvWeights::fill_taps(const ConvShape& shape, const uint8_t* weights, bool is_signed,
                                std::byte* to) const {
  const LineLayout line(shape);
  const size_t taps = volume(shape.kernel), steps = shape.kernel[2];
  std::memset(to, 0, taps_bytes_ + channels_ * sizeof(int32_t));
  auto* const panels = reinterpret_cast<int8_t*>(to);
  auto* const sums = reinterpret_cast<int32_t*>(to + taps_bytes_);
  for (size_t m = 0; m < shape.out_channels; ++m)
    for (size_t row = 0; row < line.rows; ++row)
      for (size_t step = 0; step < steps; ++step) {
        const auto tap = static_cast<int8_t>(weights[m * taps + row * steps + step] ^ (is_signed ? 0 : 128));
        const size_t quad = (m / igemm_columns * line.quads + row / 4) * steps + step;
        panels[(quad * igemm_columns + m % igemm_columns) * 4 + row % 4] = tap;
        sums[m] += tap;
      }
}

void byte_conv(const ConvShape& shape, const ByteRows& x, const ByteConvWeights& weights,
               const IgemmOutput& output, ThreadPool& pool) {
  const Windows windows(shape, static_cast<const uint8_t*>(x.data), static_cast<uint8_t>(x.zero_point));
  const Spatial size = shape.output();
  if (!weights.taps_) {
    const size_t k = volume(shape.kernel) * shape.group_in();
    for (size_t group = 0; group < shape.groups; ++group) {
      const size_t channel = group * shape.group_in();
      const auto find = [&](size_t first, size_t count, uint8_t* memory, const uint8_t** rows) {
        Corner corner = windows.corner(first);
        for (size_t r = 0; r < count; ++r, windows.advance(corner)) {
          if (volume(shape.kernel) == 1) {
            rows[r] = windows.pixel(corner, channel);
          } else {
            windows.write(corner, channel, memory + r * k);
            rows[r] = memory + r * k;
          }
        }
      };
      const RowFinder finder = find;
      ByteRows rows{static_cast<const uint8_t*>(x.data) + channel, x.is_signed, shape.in_channels,
                    x.zero_point};
      if (!shape.pointwise()) rows.finder = &finder;
      igemm(shape.batch * volume(size), rows, weights.groups_[group], output.at(group * shape.group_out()),
            pool);
    }
    return;
  }

  const IgemmKernel& kernel = igemm_kernel();
  const LineLayout line(shape);
  const uint8_t flip = x.is_signed ? 128 : 0;
  const auto zero = static_cast<uint32_t>(x.zero_point + flip);
  const auto* tap_panels = reinterpret_cast<const int8_t*>(weights.taps_.get());
  const auto* tap_sums = reinterpret_cast<const int32_t*>(weights.taps_.get() + weights.taps_bytes_);
  std::vector<int32_t> start(weights.channels_);
  for (size_t c = 0; c < start.size(); ++c)
    start[c] = static_cast<int32_t>(
        (output.bias && c < shape.out_channels ? static_cast<uint32_t>(output.bias[c]) : 0) -
        zero * static_cast<uint32_t>(tap_sums[c]));
  const DepthwiseTaps taps{line.quads, line.quad_bytes(), shape.kernel[2],
                           shape.dilation[2] * line.pixel_bytes};
  const size_t pixel_stride = shape.stride[2] * line.pixel_bytes;
  constexpr size_t bytes_per_task = 1 << 16;
  pool.parallel_for(
      shape.batch * size[0] * size[1], 1 + bytes_per_task / line.bytes(), [&](size_t begin, size_t end) {
        Scratch memory(line.bytes());
        auto* quads = memory.as<uint8_t>();
        alignas(64) int32_t sums[IgemmKernel::max_rows * igemm_columns];
        for (size_t row = begin * size[2]; row < end * size[2]; row += size[2]) {
          write_line(shape, windows, windows.corner(row), line, static_cast<uint8_t>(x.zero_point), flip,
                     quads);
          for (size_t c = 0; c < shape.out_channels; c += igemm_columns)
            for (size_t at = 0; at < size[2]; at += IgemmKernel::max_rows) {
              const size_t pixels = std::min(IgemmKernel::max_rows, size[2] - at);
              kernel.depthwise(taps, pixels, quads + at * pixel_stride + 4 * c, pixel_stride,
                               tap_panels + 4 * c * taps.quads * taps.steps, start.data() + c, sums);
              store(sums, pixels, std::min(igemm_columns, shape.out_channels - c), output, row + at, c);
            }
        }
      });
}

}  // namespace atlas::cpu
