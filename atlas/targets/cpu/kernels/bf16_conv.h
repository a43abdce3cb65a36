// Convolutions over blocked channels whose products are of bfloat16, with sums in f32.
#pragma once

#include "atlas/targets/cpu/kernels/bf16_kernel.h"
#include "atlas/targets/cpu/kernels/blocked_conv.h"

namespace atlas::cpu {

/// Weights rounded and put in order once, used by any number of threads. Valid under every instruction set.
class PackedBf16Conv {
 public:
  /// Whether bf16_conv does convolutions of these channels, groups and kernel.
  static bool takes(const ConvShape& shape, ImageLayout layout);

  /// As PackedBlockedConv.
  PackedBf16Conv(const ConvShape& shape, ImageLayout layout, WeightFinder weights, Packer& packer);

  bool fits(const ConvShape& shape) const { return shape_.has_weights_of(shape); }
  ImageLayout layout() const { return layout_; }
  /// Of an image of the input, with those that fill its last block.
  size_t image_channels() const {
    return layout_ == ImageLayout::Plain ? shape_.in_channels
                                         : channel_blocks(shape_.in_channels) * channel_block;
  }
  /// Chunks of 32 steps: blocks of input channels, in each the taps; of a plain image the rows of the kernel,
  /// the channels of their pixels side by side.
  size_t chunks() const { return chunks_; }
  /// Panels of output channels of one group.
  size_t panels() const { return panels_; }
  const Bf16* panel(size_t group, size_t i) const {
    return reinterpret_cast<const Bf16*>(memory_.get()) + (group * panels_ + i) * chunks_ * bf16_panel_step;
  }

 private:
  void fill(const float* weights, Bf16* to) const;

  ConvShape shape_;
  ImageLayout layout_;
  size_t chunks_, panels_;
  PackedMemory memory_;
};

/// What bf16_conv works on, laid out as for blocked_conv. Plain images are f32.
struct Bf16ConvImages {
  Numbers<const std::byte> input, residual;  // the residual's data may be null
  Numbers<std::byte> output;
  ChannelScale scale;       // of an image with one group
  size_t scale_stride = 0;  // from what scales an image to what scales the next; 0 for one that all share
};

/// As blocked_conv, products of bfloat16. `epilogue.residual` is null.
void bf16_conv(const ConvShape& shape, const PackedBf16Conv& weights, const Bf16ConvImages& images,
               const Epilogue& epilogue, ThreadPool& pool);

}  // namespace atlas::cpu
