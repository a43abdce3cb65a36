// Accumulated integers brought to a quantised type: the last step of the QLinear operators.
#pragma once

#include <algorithm>
#include <cmath>
#include <cstdint>

#include "atlas/tensor/dtype.h"

namespace atlas::ops {

/// round(accumulated * scale) + zero, ties to even, saturated to `dtype` (I8 or U8). The product is taken in
/// single precision, as the runtimes that set the standard's expectations do.
inline std::int64_t requantize(double accumulated, float scale, std::int64_t zero, DType dtype) {
  const double low = dtype == DType::I8 ? -128 : 0;
  const double high = dtype == DType::I8 ? 127 : 255;
  const double rounded = std::nearbyint(static_cast<float>(accumulated) * scale) + static_cast<double>(zero);
  return static_cast<std::int64_t>(std::isnan(rounded) ? low : std::clamp(rounded, low, high));
}

}  // namespace atlas::ops
