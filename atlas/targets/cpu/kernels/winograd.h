// Convolutions of 3x3 windows at stride 1 over blocked channels by Winograd's minimal filtering F(4x4, 3x3).
#pragma once

#include "atlas/base/thread_pool.h"
#include "atlas/targets/cpu/kernels/blocked_tile.h"
#include "atlas/targets/cpu/kernels/conv_shape.h"
#include "atlas/targets/cpu/kernels/epilogue.h"
#include "atlas/targets/cpu/kernels/packer.h"

namespace atlas::cpu {

/// Weights transformed and in the order in which they are read: 4 times the bytes of the model's.
///
/// 36 products do the work of 144. The polynomials are evaluated at 0, +-5/8, +-3/2 and infinity: the root
/// mean square of the error is about twice that of sums in order (with 0, +-1, +-2, the usual points, 4
/// times), as winograd_test.cpp holds it to.
class PackedWinograd {
 public:
  /// Whether this way is open to the convolution and likely to be the faster: images of height and width,
  /// whose sizes may be 0 where they are not known. Never with ATLAS_OFF=winograd.
  static bool is_worth_it(const ConvShape& shape);

  /// Takes channels from `shape`; height, width and padding may differ later.
  PackedWinograd(const ConvShape& shape, WeightFinder weights, Packer& packer);

  size_t bytes() const { return size_ * sizeof(float); }

 private:
  friend void winograd_conv(const ConvShape&, const PackedWinograd&, const float*, float*, const Epilogue&,
                            ThreadPool&);

  void fill(const float* weights, float* to) const;

  const BlockedKernel* kernel_;  // the one whose tiles fit the order
  size_t in_channels_, out_channels_, size_;
  PackedMemory weights_;  // [panel][point][channel][lanes of the panel]
};

/// As blocked_conv. Throws Internal where `shape` is not a 3x3 window at stride 1 of those channels, or the
/// image has a depth.
void winograd_conv(const ConvShape& shape, const PackedWinograd& weights, const float* input, float* output,
                   const Epilogue& epilogue, ThreadPool& pool);

}  // namespace atlas::cpu
