// The layout [batch, channels / 16, spatial..., 16]: channels that fill up the last block are not specified.
#pragma once

#include "atlas/graph/attribute.h"
#include "atlas/graph/dim.h"

namespace atlas::ops {

/// Channels that lie side by side.
inline constexpr std::int64_t kChannelBlock = 16;

/// Dims of [batch, channels, spatial...] in that layout.
Dims blocked_dims(const Dims& plain);

/// atlas::BlockedConvPair is an atlas::BlockedConv (inputs X, W, B) and the depthwise one behind it (D, C),
/// whose attributes have "depthwise_" before their names. These give the attributes of each, and set those of
/// the second.
Attributes pair_conv_attributes(const Attributes& pair);
Attributes pair_depthwise_attributes(const Attributes& pair, std::int64_t channels);
void set_pair_depthwise(Attributes& pair, const Attributes& depthwise);

}  // namespace atlas::ops
