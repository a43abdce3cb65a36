// Rows of three digits times a matrix of few bits an element, by tiles of bytes.
#pragma once

#include <cstddef>

#include "atlas/targets/cpu/kernels/nbits.h"

namespace atlas::cpu {

/// As multiply_nbits_digits, for any number of rows: false where the instruction set in use has no tiles, or
/// where a number is infinite or none.
bool multiply_nbits_tiles(size_t m, const float* a, const PackedNbits& b, const float* bias, float* c,
                          ThreadPool& pool);

}  // namespace atlas::cpu
