// Softmax and its logarithm along one axis.
#pragma once

#include <cstddef>

#include "atlas/base/thread_pool.h"

namespace atlas::cpu {

/// On an array [outer, n, inner], along the axis of n: y = e^(x - max) / sum e^(x - max), or with `log` its
/// logarithm x - max - log(sum). y may be x. A NaN makes its whole line NaN.
void softmax(const float* x, float* y, size_t outer, size_t n, size_t inner, bool log, ThreadPool& pool);

}  // namespace atlas::cpu
