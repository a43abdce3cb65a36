// Numbers as integers of three digits with a scale for each group of neighbours.
#pragma once

#include <algorithm>

#include "atlas/targets/cpu/kernels/nbits_layout.h"

namespace atlas::cpu {

/// Of -128 to 127, to the base 256.
constexpr size_t nbits_digits = 3;

/// What the steps of k that share a scale have in common.
struct NbitsGroup {
  int32_t digits;  // the sum of the integers
  float scale;     // of the last digit
  float sum;       // of the numbers
};

/// Steps of k that share a scale: a block or part of one.
inline size_t group_steps(const NbitsLayout& layout) {
  constexpr size_t longest = 64;
  return std::min(layout.block, longest);
}

#if defined(__x86_64__)
/// Writes `given` numbers, filled up to `steps` (a multiple of 16) with zeros, as digits: the highest ones at
/// `to`, the others each `pitch` bytes behind. False where a number is not finite. For processors with
/// AVX-512.
bool write_digits(const float* a, size_t given, size_t steps, size_t pitch, int8_t* to, NbitsGroup& group);
#endif

}  // namespace atlas::cpu
