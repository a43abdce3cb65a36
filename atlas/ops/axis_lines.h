// A tensor as the lines that run along one of its axes.
#pragma once

#include <cstddef>

#include "atlas/tensor/shape.h"

namespace atlas {

/// Calls visit(first, step) for each line along `axis` (in [0, rank)), in row-major order of the other axes:
/// its elements are first, first + step, ..., shape[axis] of them. Calls nothing where another axis is empty.
template <typename Visit>
void for_each_line(const Shape& shape, std::size_t axis, Visit visit) {
  const auto length = static_cast<std::size_t>(shape[axis]);
  const std::size_t outer = element_count({shape.data(), axis});
  const std::size_t inner = element_count({shape.data() + axis + 1, shape.size() - axis - 1});
  for (std::size_t i = 0; i < outer; ++i)
    for (std::size_t j = 0; j < inner; ++j) visit(i * length * inner + j, inner);
}

}  // namespace atlas
