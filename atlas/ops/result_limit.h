// A bound on results whose size comes from numbers in the model and not from the size of its inputs.
#pragma once

#include "atlas/ops/reference_context.h"

namespace atlas {

/// Elements; 2 GiB of doubles.
inline constexpr std::size_t kLargestComputedResult = std::size_t{1} << 28;

/// Throws InvalidArgument where a tensor of this shape is beyond any use, before it is allocated.
inline void check_result_size(const ReferenceContext& context, const Shape& shape) {
  for (const std::int64_t extent : shape) context.check(extent >= 0, "a result of shape {}", text(shape));
  context.check(element_count(shape) <= kLargestComputedResult,
                "expected a result of at most {} elements, got shape {}", kLargestComputedResult,
                text(shape));
}

}  // namespace atlas
