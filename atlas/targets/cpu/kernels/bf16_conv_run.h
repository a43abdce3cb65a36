// A convolution of bfloat16 made ready to compute any part of its output.
#pragma once

#include <vector>

#include "atlas/targets/cpu/kernels/bf16_conv.h"
#include "atlas/targets/cpu/kernels/bf16_image.h"

namespace atlas::cpu {

/// Shape and weights must outlive it.
class Bf16ConvRun {
 public:
  /// Of the epilogue, the bias and what comes behind the sums. Throws InvalidArgument where `shape` is not
  /// valid or too large, Internal where the weights were packed for another.
  Bf16ConvRun(const ConvShape& shape, const PackedBf16Conv& weights, const Epilogue& epilogue);
  Bf16ConvRun(const Bf16ConvRun&) = delete;
  Bf16ConvRun& operator=(const Bf16ConvRun&) = delete;

  const Bf16Image& image() const { return image_; }
  /// Channels of one group, in whole blocks.
  size_t group_lanes() const { return group_lanes_; }

  /// Some rows and panels of one group.
  struct Part {
    size_t group, first_row, end_row, first_panel, end_panel;
  };
  /// `input` and `scale` begin at the group's first channel; `output` and `residual` at row `first_row` of
  /// the group's first block, with `stride` elements from there to the next block's.
  struct Places {
    Numbers<const std::byte> input;
    ChannelScale scale;
    Numbers<const std::byte> residual;
    Numbers<std::byte> output;
    size_t stride = 0;
  };

  /// On the calling thread.
  void compute(const Part& part, const Places& places) const;

 private:
  void store(const float* sums, const Part& part, size_t begin, size_t end, size_t lane, size_t lanes,
             const Places& places) const;

  const ConvShape& shape_;
  const PackedBf16Conv& weights_;
  const Bf16Kernel& kernel_;
  Bf16Image image_;
  std::vector<float> bias_;
  size_t group_lanes_;
  float low_, high_;  // of the results, once bias and residual are added
  Epilogue behind_;   // what is left then
};

}  // namespace atlas::cpu
