// What a network would give if its numbers were kept in fewer bits.
#pragma once

#include "atlas/graph/graph.h"

namespace atlas {

/// Rounds the f32 of constants, and of what each node gives out, to `format` (F16 or BF16) and back; nested
/// graphs too. Names stay: what a node gave before it is rounded has "/exact" behind its own. Arithmetic
/// inside a node is as it was, as of units that sum in f32. Types must be inferred.
void round_values(Graph& graph, DType format);

}  // namespace atlas
