// Convolutions of bytes where every channel is by itself: sums of four taps at a time.
#include <algorithm>
#include <cstring>
#include <vector>

#include "atlas/targets/cpu/kernels/byte_conv.h"
#include "atlas/targets/cpu/kernels/ceil_div.h"
#include "atlas/targets/cpu/kernels/scratch.h"

namespace atlas::cpu {
namespace {

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

/// What all rows of windows share.
struct Lines {
  const ConvShape& shape;
  LineLayout layout;
  const uint8_t* images;
  uint8_t filler, flip;
  std::vector<uint8_t> padding;  // a row of it

  /// Of row `row` of all outputs, the pixels that tap (z, y) reads; nullptr in the padding.
  const uint8_t* pixels(size_t row, size_t tap) const {
    const Spatial size = shape.output();
    const size_t n = row / (size[1] * size[0]), tap_z = tap / shape.kernel[1], tap_y = tap % shape.kernel[1];
    const size_t z =
        row / size[1] % size[0] * shape.stride[0] + tap_z * shape.dilation[0] - shape.pad_begin[0];
    const size_t y = row % size[1] * shape.stride[1] + tap_y * shape.dilation[1] - shape.pad_begin[1];
    if (z >= shape.input[0] || y >= shape.input[1]) return nullptr;  // negative ones have wrapped
    return images + ((n * shape.input[0] + z) * shape.input[1] + y) * shape.input[2] * shape.in_channels;
  }

  void write(size_t row, uint8_t* to) const {
    // Pixels from `begin` to `end` lie inside; cropping makes negative padding.
    const auto pad = static_cast<std::ptrdiff_t>(shape.pad_begin[2]);
    const size_t begin = std::min(layout.pixels, static_cast<size_t>(std::max<std::ptrdiff_t>(0, pad)));
    const auto inside = static_cast<std::ptrdiff_t>(shape.input[2]) + std::min<std::ptrdiff_t>(0, pad);
    const size_t end =
        std::min(layout.pixels, begin + static_cast<size_t>(std::max<std::ptrdiff_t>(0, inside)));
    const size_t skipped = begin < end ? (begin - shape.pad_begin[2]) * shape.in_channels : 0;
    for (size_t quad = 0; quad < layout.quads; ++quad, to += layout.quad_bytes()) {
      const uint8_t* rows[4];
      for (size_t r = 0; r < 4; ++r) {
        const size_t tap = quad * 4 + r;
        const uint8_t* from = tap < layout.rows ? pixels(row, tap) : nullptr;
        rows[r] = from ? from + skipped : padding.data();
      }
      std::memset(to, filler ^ flip, begin * layout.pixel_bytes);
      interleave_quads(rows, (end - begin) * shape.in_channels, flip, to + begin * layout.pixel_bytes);
      std::memset(to + end * layout.pixel_bytes, filler ^ flip, (layout.pixels - end) * layout.pixel_bytes);
    }
  }
};

}  // namespace

ByteTaps::ByteTaps(const ConvShape& shape, ByteFinder weights, bool is_signed, Packer& packer)
    : channels_(ceil_div(shape.out_channels, igemm_columns) * igemm_columns),
      taps_bytes_(channels_ * shape.kernel[2] * LineLayout(shape).quads * 4) {
  memory_ = packer.pack(taps_bytes_ + channels_ * sizeof(int32_t), [&](std::byte* to) {
    fill(shape, static_cast<const uint8_t*>(weights()), is_signed, to);
  });
}

void ByteTaps::fill(const ConvShape& shape, const uint8_t* weights, bool is_signed, std::byte* to) const {
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

void byte_depthwise(const ConvShape& shape, const ByteRows& x, const ByteTaps& weights,
                    const IgemmOutput& output, ThreadPool& pool) {
  const IgemmKernel& kernel = igemm_kernel();
  const Spatial size = shape.output();
  const uint8_t flip = x.is_signed ? 128 : 0, filler = static_cast<uint8_t>(x.zero_point);
  const Lines lines{shape,
                    LineLayout(shape),
                    static_cast<const uint8_t*>(x.data),
                    filler,
                    flip,
                    std::vector<uint8_t>(shape.input[2] * shape.in_channels, filler)};
  const LineLayout& line = lines.layout;
  const auto zero = static_cast<uint32_t>(x.zero_point + flip);
  std::vector<int32_t> start(weights.channels());
  for (size_t c = 0; c < start.size(); ++c)
    start[c] = static_cast<int32_t>(
        (output.bias && c < shape.out_channels ? static_cast<uint32_t>(output.bias[c]) : 0) -
        zero * static_cast<uint32_t>(weights.sums()[c]));
  const DepthwiseTaps taps{line.quads, line.quad_bytes(), shape.kernel[2],
                           shape.dilation[2] * line.pixel_bytes};
  const size_t pixel_stride = shape.stride[2] * line.pixel_bytes;
  constexpr size_t bytes_per_task = 1 << 16;
  pool.parallel_for(
      shape.batch * size[0] * size[1], 1 + bytes_per_task / line.bytes(), [&](size_t begin, size_t end) {
        Scratch memory(line.bytes());
        auto* quads = memory.as<uint8_t>();
        alignas(64) int32_t sums[IgemmKernel::max_rows * igemm_columns];
        for (size_t row = begin; row < end; ++row) {
          lines.write(row, quads);
          for (size_t c = 0; c < shape.out_channels; c += igemm_columns)
            for (size_t at = 0; at < size[2]; at += IgemmKernel::max_rows) {
              const size_t pixels = std::min(IgemmKernel::max_rows, size[2] - at);
              kernel.depthwise(taps, pixels, quads + at * pixel_stride + 4 * c, pixel_stride,
                               weights.panels() + 4 * c * taps.quads * taps.steps, start.data() + c, sums);
              store(sums, pixels, std::min(igemm_columns, shape.out_channels - c), output, row * size[2] + at,
                    c);
            }
        }
      });
}

}  // namespace atlas::cpu
