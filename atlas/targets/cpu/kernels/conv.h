// Single-precision convolutions in the layout [batch, channels, spatial...].
#pragma once

#include <cstddef>

#include "atlas/base/thread_pool.h"
#include "atlas/targets/cpu/kernels/conv_shape.h"
#include "atlas/targets/cpu/kernels/epilogue.h"
#include "atlas/targets/cpu/kernels/packer.h"
#include "atlas/targets/cpu/kernels/row_tiles.h"

namespace atlas::cpu {

/// Weights in the order in which their kernel reads them: made once, used by any number of threads.
class PackedConv {
 public:
  PackedConv() = default;
  /// Takes channels, groups and kernel from `shape`; input size, stride and padding may differ later.
  PackedConv(const ConvShape& shape, WeightFinder weights, Packer& packer);
  PackedConv(const ConvShape& shape, const float* weights);

 private:
  friend void conv(const ConvShape&, const PackedConv&, const float*, float*, const Epilogue&, ThreadPool&);

  size_t out_channels_ = 0, group_in_ = 0, taps_ = 0;
  PackedMemory depthwise_;  // as given, where every output reads one input channel
  // Otherwise [group_out, group_in * taps] of each group: blocks of k_block steps, each as RowTiles.
  PackedMemory groups_;
  size_t group_size_ = 0;                  // floats of a group
  const BlockedKernel* kernel_ = nullptr;  // the one whose tiles fit the order
};

/// output = epilogue(conv(input, weights)); output overlaps neither input nor residual partly (it may be the
/// residual itself). `epilogue.row_bias` has a value for each output channel, `epilogue.residual` the
/// output's layout (its stride is not looked at), `epilogue.column_bias` is null.
/// Throws InvalidArgument where `shape` is not valid, Internal where the weights were packed for another.
void conv(const ConvShape& shape, const PackedConv& weights, const float* input, float* output,
          const Epilogue& epilogue, ThreadPool& pool);

}  // namespace atlas::cpu
