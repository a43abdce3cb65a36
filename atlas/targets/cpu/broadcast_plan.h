// Two broadcast operands brought to the fewest axes that tell how to walk them.
#pragma once

#include <cstdint>
#include <vector>

#include "atlas/tensor/shape.h"

namespace atlas::cpu {

/// One axis of the walk; strides in elements, 0 where an operand is broadcast along it.
struct BroadcastAxis {
  std::int64_t extent = 1;
  std::int64_t x_stride = 0;
  std::int64_t y_stride = 0;
};

/// Axes of `out` (which x and y broadcast to), outermost first, with neighbours merged where both operands
/// step through them as one. At least two; leading ones of extent 1 are added.
std::vector<BroadcastAxis> plan_broadcast(const Shape& x, const Shape& y, const Shape& out);

}  // namespace atlas::cpu
