// Convolutions of 8-bit integers over images with their channels last.
#pragma once

#include <vector>

#include "atlas/targets/cpu/kernels/conv_shape.h"
#include "atlas/targets/cpu/kernels/igemm.h"

namespace atlas::cpu {

/// Finds weights of 8 bits. For fillers alone, as WeightFinder.
using ByteFinder = FunctionRef<const void*()>;

/// Weights where every channel is by itself, and their zero points, once they are signed, are 0: panels of
/// channels; in each, for each step along a row and four taps across rows, a quad of each channel.
class ByteTaps {
 public:
  ByteTaps() = default;
  ByteTaps(const ConvShape& shape, ByteFinder weights, bool is_signed, Packer& packer);

  explicit operator bool() const { return memory_ != nullptr; }
  /// Of the panels.
  size_t channels() const { return channels_; }
  const int8_t* panels() const { return reinterpret_cast<const int8_t*>(memory_.get()); }
  /// Of the taps of each channel.
  const int32_t* sums() const { return reinterpret_cast<const int32_t*>(memory_.get() + taps_bytes_); }

 private:
  void fill(const ConvShape& shape, const uint8_t* weights, bool is_signed, std::byte* to) const;

  size_t channels_ = 0, taps_bytes_ = 0;
  PackedMemory memory_;
};

/// Weights [out_channels, group_in, kernel...] in the order in which byte_conv reads them. Valid
/// under every instruction set, for images of any size.
class ByteConvWeights {
 public:
  /// `zero_points`: one for each output channel, or null for zeros. Of `shape` only the channels, groups,
  /// kernel and dilation matter.
  ByteConvWeights(const ConvShape& shape, ByteFinder weights, bool is_signed, const int32_t* zero_points,
                  ThreadPool& pool, Packer& packer);

  const ByteTaps& taps() const { return taps_; }
  const PackedBytes& group(size_t i) const { return groups_[i]; }

 private:
  std::vector<PackedBytes> groups_;  // where there are no taps
  ByteTaps taps_;
};

/// output = the convolution of `x` [batch, input..., in_channels], of which the stride does not matter and
/// which has one zero point, also the value of the padding; output is [batch, output()..., out_channels],
/// with a column for each channel.
void byte_conv(const ConvShape& shape, const ByteRows& x, const ByteConvWeights& weights,
               const IgemmOutput& output, ThreadPool& pool);

/// The same with weights of ByteTaps.
void byte_depthwise(const ConvShape& shape, const ByteRows& x, const ByteTaps& weights,
                    const IgemmOutput& output, ThreadPool& pool);

}  // namespace atlas::cpu
