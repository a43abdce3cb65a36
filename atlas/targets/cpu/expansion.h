// Operators without a kernel of their own, replaced by simpler ones that have kernels.
#pragma once

#include "atlas/graph/graph.h"
#include "atlas/ops/ops.h"

namespace atlas::cpu {

/// Replaces each node that has no kernel, but a decomposition into nodes that all have one, by these. Types
/// must have been inferred and are inferred anew where something was replaced. Nested graphs stay as they
/// are.
void expand_nodes_without_kernel(Graph& graph, const OpRegistry& ops);

}  // namespace atlas::cpu
