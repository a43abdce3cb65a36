// Reductions along one axis.
#pragma once

#include <cstddef>

#include "atlas/base/thread_pool.h"
#include "atlas/targets/cpu/kernels/numbers.h"

namespace atlas::cpu {

enum class ReduceKind {
  Sum,
  Mean,
  Max,  // NaN if any element is
  Min,  // NaN if any element is
  Product,
  SumAbs,     // the L1 norm
  SumSquare,  // the square of the L2 norm
};

/// y[outer, inner] = kind over n of x[outer, n, inner]. With n = 0 the neutral element (Mean: NaN).
/// Neighbouring axes that are reduced together count as one; other sets of axes take one call each.
void reduce(ReduceKind kind, Numbers<const std::byte> x, float* y, size_t outer, size_t n, size_t inner,
            ThreadPool& pool);

}  // namespace atlas::cpu
