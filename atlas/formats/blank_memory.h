// Tensors that have a shape and no content.
#pragma once

#include "atlas/tensor/tensor.h"

namespace atlas {

/// All zeros, read-only, and next to no memory however large it is. Throws ResourceExhausted.
Tensor blank_tensor(DType dtype, Shape shape);

}  // namespace atlas
