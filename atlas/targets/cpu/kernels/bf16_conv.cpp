// Cuts the output into bands of rows.
#include "atlas/targets/cpu/kernels/bf16_conv.h"

#include <algorithm>
#include <vector>

#include "atlas/base/error.h"
#include "atlas/targets/cpu/kernels/bf16_conv_run.h"
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
    const double numbers = static_cast<double>(volume(shape.input) * shape.in_channels) +
                           static_cast<double>(volume(shape.output()) * shape.out_channels);
    // Finer than there are threads, for they need not be equally fast.
    const size_t wanted = bf16_tasks(products, numbers, 3 * pool.size());
    const size_t parts = shape.batch * shape.groups;
    const size_t most_bands = ceil_div(height, std::min(height, ceil_div(least_positions, image.pitch())));
    bands = std::clamp(ceil_div(wanted, parts), bands, std::max(bands, most_bands));
    // All that share a band round it anew.
    panel_tasks = std::min(weights.panels(), ceil_div(std::min(wanted, pool.size()), parts * bands));
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
      pack_bf16_panel(ordered, places.size(), 1, to);
    }
}

void bf16_conv(const ConvShape& shape, const PackedBf16Conv& weights, const Bf16ConvImages& images,
               const Epilogue& epilogue, ThreadPool& pool) {
  check(shape);
  if (shape.batch == 0 || shape.out_channels == 0) return;
  const bool plain = weights.layout() == ImageLayout::Plain;
  ensure(!images.input.rounded || !plain, "convolution of bfloat16: a plain image that is not f32");
  const Bf16ConvRun run(shape, weights, epilogue);
  const size_t height = shape.output()[1], row = shape.output()[2] * channel_block;
  const size_t stride = height * row, group_size = run.group_lanes() / channel_block * stride;
  const size_t image_channels = weights.image_channels();
  const Grid grid(shape, weights, run.image(), pool);
  pool.parallel_for(
      shape.batch * shape.groups * grid.bands * grid.panel_tasks, 1, [&](size_t begin, size_t end) {
        for (size_t task = begin; task < end; ++task) {
          const size_t panels = task % grid.panel_tasks, band = task / grid.panel_tasks % grid.bands;
          const size_t image = task / grid.panel_tasks / grid.bands, group = image % shape.groups;
          const size_t n = image / shape.groups;
          const auto panel = [&](size_t i) { return i * weights.panels() / grid.panel_tasks; };
          const Bf16ConvRun::Part part{group, band * height / grid.bands, (band + 1) * height / grid.bands,
                                       panel(panels), panel(panels + 1)};
          const size_t from = (n * image_channels + group * shape.group_in()) * volume(shape.input);
          const size_t to = image * group_size + part.first_row * row;
          run.compute(part, {images.input.at(from), images.scale.at(n * images.scale_stride),
                             images.residual.at(to), images.output.at(to), stride});
        }
      });
}

}  // namespace atlas::cpu
