// Operators from the version of a file to the newest and back.
#pragma once

#include "atlas/formats/onnx/graph_reader.h"
#include "atlas/graph/graph.h"

namespace atlas::onnx {

/// The newest version of each of ONNX's own domains that Atlas knows.
const Opsets& newest_opsets();

/// Rewrites each node, those of nested graphs too, from its version under `opsets` to the newest, one version
/// after another. Operators that ONNX's table does not hold (other domains, calls of functions) stay as they
/// are. Throws Unsupported, naming the node, where its meaning has no newest form or a domain is newer than
/// Atlas knows; InvalidArgument where a node's domain is not among `opsets`.
void upgrade(Graph& graph, const Opsets& opsets);

/// The way back: rewrites each node from the newest version to the one under `opsets`, for domains named
/// there. Throws Unsupported, naming the node, where an older version cannot express it or
/// does not take an element type that is known to come.
void downgrade(Graph& graph, const Opsets& opsets);

}  // namespace atlas::onnx
