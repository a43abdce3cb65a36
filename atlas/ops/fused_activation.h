// The activation that a fused operator names.
#pragma once

#include <string>
#include <vector>

#include "atlas/ops/decompose_context.h"

namespace atlas::ops {

/// `x`, of the element type of input 0, through the activation that is called `name`: "" for none, Relu,
/// Tanh, Sigmoid, HardSwish, Swish (of slope 1), Gelu (exact), FastGelu (by tanh)
/// without parameters; LeakyRelu {alpha}, Clip
/// {min, max}, HardSigmoid {alpha, beta}. Throws InvalidArgument on another name or number of parameters.
ValueId activate(DecomposeContext& context, const std::string& name, const std::vector<float>& parameters,
                 ValueId x);

}  // namespace atlas::ops
