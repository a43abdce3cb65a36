// Arithmetic on what is known of shape-like tensors, so that sizes computed by a graph stay symbolic.
#pragma once

#include "atlas/ops/infer_context.h"

namespace atlas {

/// Sets the content of output 0 to combine(a, b) of the contents of inputs 0 and 1, one of which may be
/// repeated. Does nothing where either is not known.
void combine_contents(InferContext& context, Dim (*combine)(const Dim& a, const Dim& b));

}  // namespace atlas
