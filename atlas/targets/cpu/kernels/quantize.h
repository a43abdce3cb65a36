// Real numbers to 8-bit levels and back, and levels to others.
#pragma once

#include <cstddef>
#include <cstdint>

#include "atlas/targets/cpu/kernels/levels.h"

namespace atlas::cpu {

/// to[i] = round(x[i] / scale) + zero point, ties to even, kept within the type. Not a number becomes 0.
void quantize(const float* x, size_t count, const Levels& levels, uint8_t* to);

/// Unsigned levels of one row, from the least of its numbers and 0 to the greatest. Not a number is the scale
/// of a row that holds an infinity or NaN.
Levels quantize_row(const float* x, size_t count, uint8_t* to);

/// to[i] = (x[i] - zero point) * scale.
void dequantize(const uint8_t* x, size_t count, const Levels& levels, float* to);

/// to[i] = table[x[i]], of 256 entries.
void map_bytes(const uint8_t* table, const uint8_t* x, size_t count, uint8_t* to);

}  // namespace atlas::cpu
