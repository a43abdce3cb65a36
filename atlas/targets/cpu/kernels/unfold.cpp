// Row by row of the matrix: one channel and one tap each.
#include "atlas/targets/cpu/kernels/unfold.h"

#include <algorithm>

namespace atlas::cpu {
namespace {

// The input index of an output index under a tap; anything from `input` on is padding.
std::size_t input_index(const ConvShape& shape, std::size_t dim, std::size_t output, std::size_t tap) {
  return output * shape.stride[dim] + tap * shape.dilation[dim] - shape.pad_begin[dim];
}

void unfold_tap(const ConvShape& shape, const Spatial& output, const Spatial& tap, const std::uint8_t* image,
                std::uint8_t filler, std::uint8_t* to) {
  for (std::size_t d = 0; d < output[0]; ++d) {
    const std::size_t depth = input_index(shape, 0, d, tap[0]);
    for (std::size_t r = 0; r < output[1]; ++r, to += output[2]) {
      const std::size_t row = input_index(shape, 1, r, tap[1]);
      if (depth >= shape.input[0] || row >= shape.input[1]) {
        std::fill_n(to, output[2], filler);
        continue;
      }
      const std::uint8_t* line = image + (depth * shape.input[1] + row) * shape.input[2];
      for (std::size_t c = 0; c < output[2]; ++c) {
        const std::size_t column = input_index(shape, 2, c, tap[2]);
        to[c] = column < shape.input[2] ? line[column] : filler;
      }
    }
  }
}

}  // namespace

void unfold(const ConvShape& shape, std::size_t channels, const std::uint8_t* images, std::uint8_t filler,
            std::uint8_t* to, ThreadPool& pool) {
  const Spatial output = shape.output();
  const std::size_t positions = volume(output);
  const std::size_t taps = volume(shape.kernel);
  constexpr std::size_t kGrain = 1 << 14;
  pool.parallel_for(
      channels * taps, std::max<std::size_t>(1, kGrain / std::max<std::size_t>(1, positions)),
      [&](std::size_t begin, std::size_t end) {
        for (std::size_t i = begin; i < end; ++i) {
          const std::size_t tap = i % taps;
          const std::size_t plane = shape.kernel[1] * shape.kernel[2];
          const Spatial at{tap / plane, tap / shape.kernel[2] % shape.kernel[1], tap % shape.kernel[2]};
          unfold_tap(shape, output, at, images + i / taps * volume(shape.input), filler, to + i * positions);
        }
      });
}

}  // namespace atlas::cpu
