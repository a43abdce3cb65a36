// Numbers in decompositions, of the element type of an input.
#pragma once

#include "atlas/ops/decompose_context.h"

namespace atlas {

/// A scalar constant of the element type of input `i`, by a CastLike where that type is not known.
ValueId scalar_like(DecomposeContext& context, std::size_t i, double value);

}  // namespace atlas
