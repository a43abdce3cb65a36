// Real numbers to 8-bit levels.
#pragma once

#include <cstddef>
#include <cstdint>

#include "atlas/targets/cpu/kernels/levels.h"

namespace atlas::cpu {

/// to[i] = round(x[i] / scale) + zero point, ties to even, kept within the type. Not a number becomes 0.
void quantize(const float* x, size_t count, const Levels& levels, uint8_t* to);

}  // namespace atlas::cpu
