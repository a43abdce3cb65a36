// A part rounds what it reads of the image once, then the panels of weights pass over it.
#include "atlas/targets/cpu/kernels/bf16_conv_run.h"

#include <algorithm>
#include <limits>

#include "atlas/base/error.h"
#include "atlas/targets/cpu/kernels/channel_blocks.h"
#include "atlas/targets/cpu/kernels/scratch.h"

namespace atlas::cpu {

Bf16ConvRun::Bf16ConvRun(const ConvShape& shape, const PackedBf16Conv& weights, const Epilogue& epilogue)
    : shape_(shape),
      weights_(weights),
      kernel_(bf16_kernel()),
      image_(shape, weights.layout()),
      bias_(lanes_of(epilogue.row_bias, shape.out_channels)),
      group_lanes_(channel_blocks(shape.group_out()) * channel_block),
      behind_(epilogue.behind(low_, high_)) {
  behind_.activation = behind_.activation.near();
  ensure(weights.fits(shape), "convolution of bfloat16: weights were packed for another shape");
  constexpr size_t most = std::numeric_limits<int32_t>::max() / (2 * bf16_chunk);
  require(image_.size(shape.output()[1]) / bf16_chunk <= most,
          "convolution: expected at most {} positions of an image, got {}", most, volume(shape.input));
}

void Bf16ConvRun::compute(const Part& part, const Places& places) const {
  const size_t rows = part.end_row - part.first_row, width = shape_.output()[2];
  const std::vector<int32_t> offsets = image_.offsets(rows);
  Scratch memory(image_.size(rows) * sizeof(Bf16));
  auto* image = memory.as<Bf16>();
  if (places.input.rounded)
    image_.fill(kernel_, places.input.as<Bf16>(), places.scale, part.first_row, rows, image);
  else
    image_.fill(kernel_, places.input.as<float>(), places.scale, part.first_row, rows, image);
  const size_t count = (rows - 1) * image_.pitch() + width, tiles = ceil_div(count, kernel_.rows);
  alignas(64) float sums[Bf16Kernel::max_rows * bf16_columns];
  const Bf16Use use(kernel_);
  for (size_t panel = part.first_panel; panel < part.end_panel; ++panel) {
    const size_t lane = panel * bf16_columns, lanes = std::min(bf16_columns, group_lanes_ - lane);
    for (size_t i = 0; i < tiles; ++i) {
      const size_t begin = i * count / tiles, end = (i + 1) * count / tiles;
      Bf16Tile tile{image + begin * image_.row_stride(),
                    image_.row_stride(),
                    offsets.data(),
                    weights_.chunks(),
                    weights_.panel(part.group, panel),
                    sums};
      if (panel + 1 < part.end_panel) fetch_part(tile, weights_.panel(part.group, panel + 1), i, tiles);
      kernel_.tile[end - begin - 1][lanes > bf16_columns / 2](tile);
      store(sums, part, begin, end, lane, lanes, places);
    }
  }
}

/// Rows [begin, end) of the tiles' numbering; those between the rows of the output are left out.
void Bf16ConvRun::store(const float* sums, const Part& part, size_t begin, size_t end, size_t lane,
                        size_t lanes, const Places& places) const {
  const size_t pitch = image_.pitch(), width = shape_.output()[2];
  for (size_t q = begin; q < end;) {
    const size_t y = q / pitch, x = q % pitch;
    const size_t run = pitch == width ? end - q : x < width ? std::min(end - q, width - x) : 0;
    for (size_t half = 0; half < lanes && run > 0; half += channel_block) {
      const size_t at = (lane + half) / channel_block * places.stride + (y * width + x) * channel_block;
      const Numbers<std::byte> output = places.output.at(at);
      const Numbers<const std::byte> residual = places.residual.at(at);
      float results[Bf16Kernel::max_rows * channel_block];
      Bf16Store step{sums + (q - begin) * bf16_columns + half,
                     run,
                     bias_.data() + part.group * group_lanes_ + lane + half,
                     residual.data,
                     residual.rounded,
                     low_,
                     high_,
                     output.data,
                     output.rounded};
      const bool is_last = behind_.empty();
      if (output.rounded && !is_last) {
        step.output = results;
        step.output_is_bf16 = false;
      }
      kernel_.store(step);
      if (is_last) continue;
      auto* values = static_cast<float*>(step.output);
      apply(behind_, values, 0, 1, run * channel_block);
      if (output.rounded) kernel_.round(values, run * channel_block, output.as<Bf16>());
    }
    q += pitch == width ? run : pitch - x;
  }
}

}  // namespace atlas::cpu
