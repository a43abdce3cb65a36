// Single-precision convolutions over blocked channels: [batch, channels / 16, spatial..., 16].
#pragma once

#include <cstddef>

#include "atlas/base/thread_pool.h"
#include "atlas/targets/cpu/kernels/blocked_tile.h"
#include "atlas/targets/cpu/kernels/ceil_div.h"
#include "atlas/targets/cpu/kernels/conv_shape.h"
#include "atlas/targets/cpu/kernels/epilogue.h"
#include "atlas/targets/cpu/kernels/numbers.h"
#include "atlas/targets/cpu/kernels/packer.h"

namespace atlas::cpu {

/// How the input lies. Images of a few channels come plain: their channels would leave blocks empty.
enum class ImageLayout { Plain, Blocked };

inline size_t channel_blocks(size_t channels) {
  return ceil_div(channels, channel_block);
}

/// Weights in the order in which their kernel reads them: made once, used by any number of threads.
class PackedBlockedConv {
 public:
  /// Whether blocked_conv does convolutions of these channels and groups: blocks belong to one group, or each
  /// channel is a group of its own. Plain images have one group.
  static bool takes(const ConvShape& shape, ImageLayout layout);

  /// Takes channels, groups and kernel from `shape`; input size, stride and padding may differ later.
  PackedBlockedConv(const ConvShape& shape, ImageLayout layout, WeightFinder weights, Packer& packer);

  /// Whether they are weights of `shape`, whatever its image.
  bool fits(const ConvShape& shape) const { return shape_.has_weights_of(shape); }
  size_t bytes() const { return size_ * sizeof(float); }
  /// Floats of an image of the input of `shape`, in the layout that they are packed for.
  size_t image_floats(const ConvShape& shape) const {
    return (layout_ == ImageLayout::Plain ? shape.in_channels
                                          : channel_blocks(shape.in_channels) * channel_block) *
           volume(shape.input);
  }
  const float* data() const { return reinterpret_cast<const float*>(weights_.get()); }

 private:
  friend class BlockedConvRun;
  friend void blocked_conv(const ConvShape&, const PackedBlockedConv&, Numbers<const std::byte>, const float*,
                           Numbers<std::byte>, const Epilogue&, ThreadPool&);

  const BlockedKernel* kernel_;  // the one whose tiles fit the order
  ConvShape shape_;
  ImageLayout layout_;
  size_t size_ = 0;
  PackedMemory weights_;
};

/// output = epilogue(conv(input * factors, weights)), output blocked; lanes beyond the last channel hold
/// nothing of use. `factors`, where not null, has one for each channel of each image, [batch, blocks, 16];
/// the image is blocked then and has one group. The output overlaps neither input nor residual partly (it may
/// be the residual itself). `epilogue.row_bias` has a value for each output channel, `epilogue.residual` the
/// output's layout, `epilogue.column_bias` is null. Images are f32, those that are convolved channel by
/// channel f32 or bfloat16. Throws InvalidArgument where `shape` is not valid or too large, Internal where
/// the weights were packed for another.
void blocked_conv(const ConvShape& shape, const PackedBlockedConv& weights, Numbers<const std::byte> input,
                  const float* factors, Numbers<std::byte> output, const Epilogue& epilogue,
                  ThreadPool& pool);

}  // namespace atlas::cpu
