// Transposed convolution, which is also the gradient of a convolution by its input.
#pragma once

#include <cstddef>

#include "atlas/base/thread_pool.h"
#include "atlas/targets/cpu/kernels/conv_shape.h"
#include "atlas/targets/cpu/kernels/epilogue.h"
#include "atlas/targets/cpu/kernels/packer.h"

namespace atlas::cpu {

/// Everything here is named after the forward convolution whose transpose is meant: it maps
/// [batch, in_channels, input...] to [batch, out_channels, output()...], so its transpose reads the latter
/// and writes the former. Output padding needs no field, for `input` is given: it may be up to stride - 1
/// larger than the least that yields output(). The weights are the forward ones, [out_channels, in_channels /
/// groups, kernel...].
class PackedConvTranspose {
 public:
  PackedConvTranspose() = default;
  /// Takes channels, groups and kernel from `forward`; input size, stride and padding may differ later.
  PackedConvTranspose(const ConvShape& forward, WeightFinder weights, Packer& packer);
  PackedConvTranspose(const ConvShape& forward, const float* weights);

 private:
  friend void conv_transpose(const ConvShape&, const PackedConvTranspose&, const float*, float*,
                             const Epilogue&, ThreadPool&);

  size_t in_channels_ = 0, group_out_ = 0, taps_ = 0;
  PackedMemory weights_;  // as given
};

/// y [batch, in_channels, input...] = epilogue(transposed convolution of x [batch, out_channels,
/// output()...]). `epilogue.row_bias` has a value for each of in_channels, `epilogue.residual` the layout of
/// y (its stride is not looked at), `epilogue.column_bias` is null. Throws as conv() does.
void conv_transpose(const ConvShape& forward, const PackedConvTranspose& weights, const float* x, float* y,
                    const Epilogue& epilogue, ThreadPool& pool);

}  // namespace atlas::cpu
