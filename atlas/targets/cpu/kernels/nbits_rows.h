// A few rows times a matrix of few bits an element, at the speed of memory.
#pragma once

#include <cstddef>

#include "atlas/targets/cpu/kernels/nbits.h"

namespace atlas::cpu {

/// More rows are quicker where each element is widened once for all.
constexpr size_t most_nbits_rows = 8;

/// As multiply_nbits, for at most most_nbits_rows rows. Codes become f32 in registers. False, and nothing is
/// done, where the sum of a block of a row is not finite.
bool multiply_nbits_rows(size_t m, const float* a, const PackedNbits& b, const float* bias, float* c,
                         ThreadPool& pool);

}  // namespace atlas::cpu
