// Turning a strip of a matrix into the order in which register tiles read it.
#pragma once

#include <cstddef>

namespace atlas::cpu {

/// Copies `lanes` x `k` elements to dst[step * width + lane], zero for the lanes from `lanes` to `width`:
/// source element (lane, step) is src[lane * lane_stride + step * k_stride]. With lanes = rows this packs a
/// panel of A, with lanes = columns one of B. May write up to 3 floats beyond dst[k * width].
void pack_panel(const float* src, size_t lane_stride, size_t k_stride, size_t lanes, size_t k, size_t width,
                float* dst) noexcept;

/// The floats that pack_panel may write behind a panel.
constexpr size_t pack_slack = 3;

}  // namespace atlas::cpu
