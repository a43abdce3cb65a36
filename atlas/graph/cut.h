// A part of a graph as a graph of its own.
#pragma once

#include <span>

#include "atlas/graph/graph.h"

namespace atlas {

/// The nodes that compute `outputs` from `inputs` and constants; both are values of `graph`, which has no
/// functions. Values keep their names. Throws InvalidArgument, naming the value, where an output also depends
/// on an input of the graph that is not among `inputs`.
Graph cut(const Graph& graph, std::span<const ValueId> inputs, std::span<const ValueId> outputs);

}  // namespace atlas
