// Bands of output rows: each rounds what it reads of the image once, then the panels of weights pass over it.
#include "atlas/targets/cpu/kernels/bf16_conv.h"

#include <algorithm>
#include <limits>
#include <vector>

#include "atlas/base/error.h"
#include "atlas/targets/cpu/kernels/bf16_image.h"
#include "atlas/targets/cpu/kernels/channel_blocks.h"
#include "atlas/targets/cpu/kernels/pack_panel.h"
#include "atlas/targets/cpu/kernels/scratch.h"

namespace atlas::cpu {
namespace {

/// How the output of one group is cut.
struct Grid {
  size_t bands, panel_tasks;

  Grid(const ConvShape& shape, const PackedBf16Conv& weights, const Bf16Image& image,
       const ThreadPool& pool) {
    constexpr size_t band_bytes = 320 * 1024, least_positions = 64;
    constexpr double products_worth_a_task = 400e3;
    const size_t height = shape.output()[1];
    const size_t one = image.size(1), more = image.size(2) - one;
    const size_t most_elements = band_bytes / sizeof(Bf16);
    const size_t rows = most_elements > one ? 1 + (most_elements - one) / std::max<size_t>(1, more) : 1;
    bands = ceil_div(height, std::min(rows, height));
    panel_tasks = 1;
    if (pool.size() == 1) return;
    const double products = static_cast<double>(height * image.pitch()) *
                            static_cast<double>(weights.chunks() * bf16_chunk) *
                            static_cast<double>(shape.group_out() * shape.groups);
    const auto wanted = static_cast<size_t>(
        std::clamp(products / products_worth_a_task, 1.0, 4.0 * static_cast<double>(pool.size())));
    const size_t parts = shape.batch * shape.groups;
    const size_t most_bands = ceil_div(height, std::min(height, ceil_div(least_positions, image.pitch())));
    bands = std::clamp(ceil_div(wanted, parts), bands, std::max(bands, most_bands));
    // All that share a band round it anew.
    panel_tasks = std::min(weights.panels(), ceil_div(std::min(wanted, pool.size()), parts * bands));
  }
};

/// One convolution, made ready for any part of its output.
struct Run {
  const ConvShape& shape;
  const PackedBf16Conv& weights;
  const Bf16Kernel& kernel;
  const Bf16Image& image;
  const Epilogue& behind;  // what is left once bias, residual and bounds are applied
  float low, high;
  const std::vector<float>& bias;
  size_t positions;  // of the output
  size_t group_lanes;

  struct Part {
    size_t group, first_row, end_row, first_panel, end_panel;
  };

  /// Of images that begin at the group's first position and channel.
  void compute(const Part& part, const Bf16ConvImages& images) const {
    const size_t rows = part.end_row - part.first_row, width = shape.output()[2];
    const std::vector<int32_t> offsets = image.offsets(rows);
    Scratch memory(image.size(rows) * sizeof(Bf16));
    if (images.input.rounded)
      image.fill(kernel, reinterpret_cast<const Bf16*>(images.input.data), part.first_row, rows,
                 memory.as<Bf16>());
    else
      image.fill(kernel, reinterpret_cast<const float*>(images.input.data), images.factors, part.first_row,
                 rows, memory.as<Bf16>());
    const size_t count = (rows - 1) * image.pitch() + width, tiles = ceil_div(count, kernel.rows);
    constexpr size_t chunk_lines = bf16_panel_step * sizeof(Bf16) / 64;
    const size_t lines = ceil_div(chunk_lines, tiles);
    alignas(64) float sums[Bf16Kernel::max_rows * bf16_columns];
    const Bf16Use use(kernel);
    for (size_t panel = part.first_panel; panel < part.end_panel; ++panel) {
      const size_t lane = panel * bf16_columns, lanes = std::min(bf16_columns, group_lanes - lane);
      for (size_t i = 0; i < tiles; ++i) {
        const size_t begin = i * count / tiles, end = (i + 1) * count / tiles;
        Bf16Tile tile{memory.as<Bf16>() + begin * image.row_stride(),
                      image.row_stride(),
                      offsets.data(),
                      weights.chunks(),
                      weights.panel(part.group, panel),
                      sums};
        if (panel + 1 < part.end_panel && i * lines < chunk_lines) {  // its part of the next panel
          tile.next = weights.panel(part.group, panel + 1) + i * lines * weights.chunks() * 32;
          tile.next_lines = std::min(lines, chunk_lines - i * lines);
        }
        kernel.tile[end - begin - 1][lanes > bf16_columns / 2](tile);
        store(sums, part, begin, end, lane, lanes, images);
      }
    }
  }

  /// Rows [begin, end) of the tiles' numbering; those between the rows of the output are left out.
  void store(const float* sums, const Part& part, size_t begin, size_t end, size_t lane, size_t lanes,
             const Bf16ConvImages& images) const {
    const size_t pitch = image.pitch(), width = shape.output()[2];
    for (size_t q = begin; q < end;) {
      const size_t y = q / pitch, x = q % pitch;
      const size_t run = pitch == width ? end - q : x < width ? std::min(end - q, width - x) : 0;
      for (size_t half = 0; half < lanes && run > 0; half += channel_block) {
        const size_t position = (part.first_row + y) * width + x;
        const size_t at = ((lane + half) / channel_block * positions + position) * channel_block;
        const Numbers<std::byte> output = images.output.at(at);
        const Numbers<const std::byte> residual = images.residual.at(at);
        float results[Bf16Kernel::max_rows * channel_block];
        Bf16Store step{sums + (q - begin) * bf16_columns + half,
                       run,
                       bias.data() + part.group * group_lanes + lane + half,
                       residual.data,
                       residual.rounded,
                       low,
                       high,
                       output.data,
                       output.rounded};
        const bool is_last = behind.empty();
        if (output.rounded && !is_last) {
          step.output = results;
          step.output_is_bf16 = false;
        }
        kernel.store(step);
        if (is_last) continue;
        auto* values = static_cast<float*>(step.output);
        apply(behind, values, 0, 1, run * channel_block);
        if (output.rounded) kernel.round(values, run * channel_block, reinterpret_cast<Bf16*>(output.data));
      }
      q += pitch == width ? run : pitch - x;
    }
  }
};

}  // namespace

bool PackedBf16Conv::takes(const ConvShape& shape, ImageLayout layout) {
  return PackedBlockedConv::takes(shape, layout) && !shape.depthwise() && shape.kernel[0] == 1 &&
         shape.stride[0] == 1;
}

PackedBf16Conv::PackedBf16Conv(const ConvShape& shape, ImageLayout layout, WeightFinder weights,
                               Packer& packer)
    : shape_(shape), layout_(layout) {
  ensure(takes(shape, layout), "convolution of bfloat16: channels and groups that it does not take");
  const size_t row_steps = shape.kernel[2] * shape.in_channels;
  chunks_ = layout == ImageLayout::Plain ? shape.kernel[1] * ceil_div(row_steps, bf16_chunk)
                                         : ceil_div(shape.group_in(), bf16_chunk) * volume(shape.kernel);
  panels_ = ceil_div(channel_blocks(shape.group_out()) * channel_block, bf16_columns);
  memory_ = packer.pack(shape.groups * panels_ * chunks_ * bf16_panel_step * sizeof(Bf16),
                        [&](std::byte* to) { fill(weights(), reinterpret_cast<Bf16*>(to)); });
}

bool PackedBf16Conv::fits(const ConvShape& shape) const {
  return shape_.out_channels == shape.out_channels && shape_.in_channels == shape.in_channels &&
         shape_.groups == shape.groups && shape_.kernel == shape.kernel;
}

void PackedBf16Conv::fill(const float* weights, Bf16* to) const {
  const size_t taps = volume(shape_.kernel), channels = shape_.group_in(), k = channels * taps;
  // The place of each step in a row of weights [channel][tap]; k for those that are zeros.
  std::vector<size_t> places;
  if (layout_ == ImageLayout::Plain) {
    const size_t row = shape_.kernel[2] * channels, filled = ceil_div(row, bf16_chunk) * bf16_chunk;
    for (size_t i = 0; i < shape_.kernel[1]; ++i)
      for (size_t j = 0; j < filled; ++j)
        places.push_back(j < row ? j % channels * taps + i * shape_.kernel[2] + j / channels : k);
  } else {
    for (size_t block = 0; block < channels; block += bf16_chunk)
      for (size_t tap = 0; tap < taps; ++tap)
        for (size_t c = block; c < block + bf16_chunk; ++c)
          places.push_back(c < channels ? c * taps + tap : k);
  }
  Scratch turned_memory((bf16_columns * k + pack_slack) * sizeof(float));
  Scratch ordered_memory(places.size() * bf16_columns * sizeof(float));
  float *turned = turned_memory.as<float>(), *ordered = ordered_memory.as<float>();
  for (size_t group = 0; group < shape_.groups; ++group)
    for (size_t panel = 0; panel < panels_; ++panel, to += chunks_ * bf16_panel_step) {
      const size_t first = panel * bf16_columns, rows = std::min(bf16_columns, shape_.group_out() - first);
      pack_panel(weights + (group * shape_.group_out() + first) * k, k, 1, rows, k, bf16_columns, turned);
      for (size_t step = 0; step < places.size(); ++step) {
        float* row = ordered + step * bf16_columns;
        if (places[step] == k)
          std::fill_n(row, bf16_columns, 0.0f);
        else
          std::copy_n(turned + places[step] * bf16_columns, bf16_columns, row);
      }
      pack_bf16_panel(ordered, places.size(), to);
    }
}

void bf16_conv(const ConvShape& shape, const PackedBf16Conv& weights, const Bf16ConvImages& images,
               const Epilogue& epilogue, ThreadPool& pool) {
  check(shape);
  if (shape.batch == 0 || shape.out_channels == 0) return;
  ensure(weights.fits(shape), "convolution of bfloat16: weights were packed for another shape");
  const bool plain = weights.layout() == ImageLayout::Plain;
  ensure(!images.input.rounded || (!plain && !images.factors),
         "convolution of bfloat16: a plain image, or one with factors, that is not f32");
  require(volume(shape.input) <= std::numeric_limits<int32_t>::max() / (2 * bf16_chunk),
          "convolution: expected at most {} positions of an image, got {}",
          std::numeric_limits<int32_t>::max() / (2 * bf16_chunk), volume(shape.input));
  const Bf16Image image(shape, weights.layout());
  const std::vector<float> bias = lanes_of(epilogue.row_bias, shape.out_channels);
  const size_t positions = volume(shape.output()), height = shape.output()[1];
  const size_t group_lanes = channel_blocks(shape.group_out()) * channel_block;
  float low, high;
  const Epilogue behind = epilogue.behind(low, high);
  const Run run{shape, weights, bf16_kernel(), image, behind, low, high, bias, positions, group_lanes};
  const size_t image_channels = plain ? shape.in_channels : channel_blocks(shape.in_channels) * channel_block;
  const size_t image_floats = image_channels * volume(shape.input);
  const Grid grid(shape, weights, image, pool);
  pool.parallel_for(
      shape.batch * shape.groups * grid.bands * grid.panel_tasks, 1, [&](size_t begin, size_t end) {
        for (size_t task = begin; task < end; ++task) {
          const size_t panels = task % grid.panel_tasks, band = task / grid.panel_tasks % grid.bands;
          const size_t part = task / grid.panel_tasks / grid.bands, group = part % shape.groups;
          const size_t n = part / shape.groups, at = part * group_lanes * positions;
          const auto panel = [&](size_t i) { return i * weights.panels() / grid.panel_tasks; };
          run.compute({group, band * height / grid.bands, (band + 1) * height / grid.bands, panel(panels),
                       panel(panels + 1)},
                      {images.input.at(n * image_floats + group * shape.group_in() * volume(shape.input)),
                       images.residual.at(at), images.output.at(at),
                       images.factors ? images.factors + n * image_channels : nullptr});
        }
      });
}

}  // namespace atlas::cpu
