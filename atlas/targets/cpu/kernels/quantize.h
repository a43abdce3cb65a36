// Real numbers to 8-bit levels.
#pragma once

#include <cstddef>
#include <cstdint>

namespace atlas::cpu {

/// to[i] = round(x[i] / scale) + zero_point, ties to even, kept within the type: signed or unsigned bytes.
/// Not a number becomes 0.
void quantize(const float* x, size_t count, float scale, int32_t zero_point, bool is_signed, uint8_t* to);

}  // namespace atlas::cpu
