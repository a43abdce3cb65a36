// Floating-point formats of 16 bits and fewer as data, and one codec for all of them.
#pragma once

#include <cstdint>

#include "atlas/tensor/dtype.h"

namespace atlas {

enum class Rounding { NearestEven, Up, Down };  // Up and Down: away from and towards zero

/// Value of the element with these bits. `dtype`: F16, BF16, F8E4M3FN, F8E4M3FNUZ, F8E5M2, F8E5M2FNUZ,
/// F8E8M0 or F4E2M1.
float decode_minifloat(DType dtype, std::uint32_t bits);

/// Bits of the nearest element, rounded once. Beyond the largest finite value: with `saturate` the largest
/// finite value; else infinity where the format has one, NaN where it has not. Formats without NaN
/// (F4E2M1) take 0 for NaN. F16 and BF16 overflow to infinity whatever `saturate` says.
/// `rounding` other than NearestEven is for F8E8M0 alone.
std::uint32_t encode_minifloat(DType dtype, double value, bool saturate = true,
                               Rounding rounding = Rounding::NearestEven);

}  // namespace atlas
