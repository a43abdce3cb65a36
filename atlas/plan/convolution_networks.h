// Convolution networks that benchmarks name, as layers.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "atlas/plan/layer.h"

namespace atlas {

/// resnet50 (version 1.5: the 3 x 3 convolutions stride), resnext101-32x4d, se-resnext101-32x4d,
/// efficientnet-b0 and -b4, efficientnet-widese-b0 and -b4, efficientnetv2-s, ssd300-resnet50,
/// ssd320-resnet50-fpn.
std::vector<std::string> convolution_network_names();

/// `size`: edge of the pictures, 0 for the network's own. Nothing where there is no such network.
std::optional<Network> convolution_network(std::string_view name, double batch, double size);

}  // namespace atlas
