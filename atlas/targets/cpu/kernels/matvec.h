// A vector times a matrix, at the speed of memory.
#pragma once

#include <cstddef>

#include "atlas/base/thread_pool.h"
#include "atlas/targets/cpu/kernels/packed_matrix.h"

namespace atlas::cpu {

/// y[j] = sum over i of x[i] matrix(i, j), for i < k and j < n; x and y are contiguous. Each element of the
/// matrix is read once, along whichever of its strides is 1.
void matvec(size_t n, size_t k, MatrixView matrix, const float* x, float* y, ThreadPool& pool);

}  // namespace atlas::cpu
