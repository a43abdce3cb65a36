// Which parts of a graph run on images with their channels in blocks.
#pragma once

#include "atlas/graph/graph.h"
#include "atlas/ops/ops.h"
#include "atlas/targets/target.h"

namespace atlas::cpu {

/// Convolutions with constant weights become atlas::BlockedConv, and what stands between them (activations,
/// sums and products, pooling, resizing, concatenation of whole blocks) follows into that layout; nodes that
/// move images into it and out of it stand at its borders. `precision` is that of the convolutions' products.
/// One level of nesting; types must be inferred.
void assign_blocked_layout(Graph& graph, const OpRegistry& ops, Precision precision = Precision::F32);

}  // namespace atlas::cpu
