// What the CPU target rewrites in a graph before it makes steps of it.
#pragma once

#include "atlas/graph/graph.h"

namespace atlas::cpu {

/// Convolutions take up the sum with a residual and the activation behind them (com.microsoft::FusedConv), so
/// that both happen while a tile is in the cache. One level of nesting; types must be inferred.
void fuse_convolutions(Graph& graph);

}  // namespace atlas::cpu
