// Rows as integers of three digits, times a matrix of few bits an element: the accuracy of f32 by products of
// bytes.
#pragma once

#include <cstddef>

#include "atlas/targets/cpu/kernels/nbits.h"

namespace atlas::cpu {

/// More rows are quicker in f32.
constexpr size_t most_digit_rows = 24;

/// As multiply_nbits. A number counts with 23 bits of the largest one that shares its scale, of 64 neighbours
/// or a block if that is less. False, and nothing is done, where the instruction set in use has no products
/// of bytes that pay, or where a number is infinite or none.
bool multiply_nbits_digits(size_t m, const float* a, const PackedNbits& b, const float* bias, float* c,
                           ThreadPool& pool);

}  // namespace atlas::cpu
