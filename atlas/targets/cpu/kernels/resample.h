// Weighted sums of lines along one axis of an array: the step of a separable resize.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "atlas/base/thread_pool.h"

namespace atlas::cpu {

/// For each output position `taps` input positions with their weights; unused ones have weight 0.
struct ResampleTable {
  std::size_t input = 0;
  std::size_t output = 0;
  std::size_t taps = 1;
  std::vector<std::int32_t> positions;  // [output, taps], in [0, input)
  std::vector<float> weights;           // [output, taps]
};

/// y[outer, output, inner] = sum over taps of weight * x[outer, position, inner].
void resample(const ResampleTable& table, const float* x, float* y, std::size_t outer, std::size_t inner,
              ThreadPool& pool);

}  // namespace atlas::cpu
