// The layout [batch, channels / 16, spatial..., 16]: channels that fill up the last block are not specified.
#pragma once

#include "atlas/graph/dim.h"

namespace atlas::ops {

/// Channels that lie side by side.
inline constexpr std::int64_t kChannelBlock = 16;

/// Dims of [batch, channels, spatial...] in that layout.
Dims blocked_dims(const Dims& plain);

}  // namespace atlas::ops
