// Convolutions of 8-bit integers over images with their channels last.
#pragma once

#include <vector>

#include "atlas/targets/cpu/kernels/conv_shape.h"
#include "atlas/targets/cpu/kernels/igemm.h"

namespace atlas::cpu {

/// Finds weights of 8 bits. For fillers alone, as WeightFinder.
using ByteFinder = FunctionRef<const void*()>;

/// Weights [out_channels, group_in, kernel...] in the order in which byte_conv reads them. Valid under every
/// instruction set, for images of any size.
class ByteConvWeights {
 public:
  /// `zero_points`: one for each output channel, or null for zeros. Of `shape` only the channels, groups and
  /// kernel matter.
  ByteConvWeights(const ConvShape& shape, ByteFinder weights, bool is_signed, const int32_t* zero_points,
                  ThreadPool& pool, Packer& packer);

 private:
  void fill_taps(const ConvShape& shape, const uint8_t* weights, bool is_signed, std::byte* to) const;

  friend void byte_conv(const ConvShape&, const ByteRows&, const ByteConvWeights&, const IgemmOutput&,
                        ThreadPool&);

  std::vector<PackedBytes> groups_;
  // In place of groups_ where every channel is by itself and its weights, made signed, have zero point 0:
  // panels of channels; in each, for each step along a row and four taps across rows, a quad of each channel.
  PackedMemory taps_;
  size_t taps_bytes_ = 0;
  size_t channels_ = 0;  // of the panels: behind their taps stands the sum of each
};

/// output = the convolution of `x` [batch, input..., in_channels], of which stride and finder do not matter
/// and which has one zero point, also the value of the padding; output is [batch, output()..., out_channels],
/// with a column for each channel.
void byte_conv(const ConvShape& shape, const ByteRows& x, const ByteConvWeights& weights,
               const IgemmOutput& output, ThreadPool& pool);

}  // namespace atlas::cpu
