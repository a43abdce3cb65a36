// A blocked convolution made ready to compute any part of its output.
#pragma once

#include <cstdint>
#include <vector>

#include "atlas/targets/cpu/kernels/blocked_conv.h"

namespace atlas::cpu {

/// The steps of k in the order of the tile: blocks of channels, in each the taps, in each the channels. Of a
/// plain image a tap is a row of the kernel with all its channels, one behind the other.
struct Steps {
  size_t blocks, block_channels, last_channels, taps;

  Steps(const ConvShape& shape, ImageLayout layout) {
    if (layout == ImageLayout::Plain) {
      blocks = 1;
      block_channels = last_channels = shape.kernel[2] * shape.in_channels;
      taps = shape.kernel[0] * shape.kernel[1];
    } else {
      blocks = channel_blocks(shape.group_in());
      block_channels = channel_block;
      last_channels = shape.group_in() - (blocks - 1) * channel_block;
      taps = volume(shape.kernel);
    }
  }
  size_t count() const { return ((blocks - 1) * block_channels + last_channels) * taps; }
};

/// Panels of output channels of one group; the last may be narrower.
struct Panels {
  size_t width, lanes, all_lanes, count;

  Panels(const BlockedKernel& kernel, size_t channels)
      : width(kernel.panel_lanes()),
        lanes(kernel.lanes),
        all_lanes(channel_blocks(channels) * channel_block),
        count(ceil_div(all_lanes, width)) {}
  size_t vectors(size_t panel) const { return std::min(width, all_lanes - panel * width) / lanes; }
};

/// Where the taps of an output position lie in the image.
class Taps {
 public:
  /// `pixel`: floats from one position of the image to the next. `shape` must outlive this.
  Taps(const ConvShape& shape, const Spatial& kernel, size_t pixel);

  /// offsets[tap * rows + row] for the output positions from `first` on, less `skipped` floats.
  void fill(size_t first, size_t rows, size_t skipped, int32_t* offsets) const;

 private:
  /// Where all windows lie inside the image; else it does nothing of use.
  bool fill_inside(size_t first, size_t rows, size_t skipped, int32_t* offsets) const;

  const ConvShape& shape_;
  Spatial kernel_, out_;
  size_t pixel_;
  Spatial last_start_;              // windows that begin before it lie inside the image
  std::vector<int32_t> distances_;  // of the taps from the first
};

/// Shape and weights must outlive it. Not for depthwise convolutions.
class BlockedConvRun {
 public:
  /// Of the epilogue, the bias and what comes behind the sums. Throws InvalidArgument where `shape` is not
  /// valid or too large, Internal where the weights were packed for another.
  BlockedConvRun(const ConvShape& shape, const PackedBlockedConv& weights, const Epilogue& epilogue);
  BlockedConvRun(const BlockedConvRun&) = delete;
  BlockedConvRun& operator=(const BlockedConvRun&) = delete;

  const Steps& steps() const { return steps_; }
  const Panels& panels() const { return panels_; }
  size_t positions() const { return positions_; }

  /// Some positions and panels of one group.
  struct Part {
    size_t group, first_position, end_position, first_panel, end_panel;
  };

  /// Computes a part on the calling thread. `image`: the group's channels of an image, or a plain image.
  /// `packed`: the weights as they are packed. `output` is where the first position of the first panel goes,
  /// `output_stride` floats lie between blocks there; `residual`, where not null, lies likewise.
  void compute(const Part& part, const float* image, const float* packed, float* output, size_t output_stride,
               const float* residual) const;

 private:
  const ConvShape& shape_;
  const BlockedKernel& kernel_;
  bool plain_, dense_;
  ConvShape image_;   // where the image comes plain, with its padding in it
  size_t pixel_;      // floats from one position of the image to the next
  size_t positions_;  // of the output
  Steps steps_;
  Panels panels_;
  Taps taps_;
  std::vector<float> zeros_, bias_;
  BlockedTile common_;
  Epilogue behind_;
};

}  // namespace atlas::cpu
