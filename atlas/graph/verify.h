// The structural rules that every graph keeps, checked.
#pragma once

#include "atlas/graph/graph.h"

namespace atlas {

/// Ids in range, names unique, every value with one origin (a node, a constant, an input, a capture) and
/// defined where it is used, no cycle, constants of the type of their value, captures only in nested graphs
/// and only of values that exist, functions only at the top, without recursion, and references only in
/// their bodies. Says nothing of operators. Throws InvalidArgument, naming graph and node.
void verify(const Graph& graph);

}  // namespace atlas
