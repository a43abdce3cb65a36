// Sizes along spatial axes in the form that the kernels of convolution and pooling take.
#pragma once

#include <cstdint>
#include <span>

#include "atlas/targets/cpu/kernels/conv_shape.h"

namespace atlas::cpu {

inline constexpr std::size_t kMaxSpatialRank = 3;

/// Up to three sizes, the trailing axes last; missing leading ones are `otherwise`.
inline Spatial spatial_of(std::span<const std::int64_t> sizes, std::size_t otherwise) {
  Spatial out;
  out.fill(otherwise);
  for (std::size_t i = 0; i < sizes.size(); ++i)
    out[kMaxSpatialRank - sizes.size() + i] = static_cast<std::size_t>(sizes[i]);
  return out;
}

}  // namespace atlas::cpu
