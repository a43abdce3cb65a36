// A few rows times a matrix of few bits an element, at the speed of memory.
#pragma once

#include <cstddef>

#include "atlas/targets/cpu/kernels/nbits.h"

namespace atlas::cpu {

constexpr size_t most_nbits_rows = 4;

/// As multiply_nbits, for at most most_nbits_rows rows. Elements are widened in registers.
void multiply_nbits_rows(size_t m, const float* a, const PackedNbits& b, const float* bias, float* c,
                         ThreadPool& pool);

}  // namespace atlas::cpu
