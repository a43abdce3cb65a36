// EfficientNet-Lite0 (Tan and Le 2019, without squeezing and with ReLU6) out of its weights.
#pragma once

#include "atlas/graph/graph.h"
#include "atlas/tensor/npz.h"

namespace atlas {

/// From a picture f32[1,3,side,side] to logits f32[1,classes]. `weights` are named as the package
/// efficientnet-lite-pytorch names them. Convolutions pad as TensorFlow's SAME. Throws InvalidArgument,
/// naming the weight, where one is missing or has another shape.
Graph efficientnet_lite0(const NamedTensors& weights, std::int64_t side = 224);

}  // namespace atlas
