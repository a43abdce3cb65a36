// What pipelines know of a model: tensors in, tensors out.
#pragma once

#include <functional>
#include <vector>

#include "atlas/tensor/tensor.h"

namespace atlas {

/// Inputs and outputs in the order of the graph's.
using Model = std::function<std::vector<Tensor>(const std::vector<Tensor>&)>;

}  // namespace atlas
