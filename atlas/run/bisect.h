// The smallest part of a model that goes wrong by itself.
#pragma once

#include <functional>
#include <optional>
#include <string>

#include "atlas/run/layers.h"

namespace atlas {

struct FailingPart {
  Graph graph;                // with one output: the value that goes wrong
  std::vector<Datum> inputs;  // as expected, for its inputs in order
  Tensor expected;            // of its output
  Deviation deviation;        // of the part run by itself
};

/// `graph` has its functions inlined; `failing` is one of its values that the session got wrong in a run on
/// `inputs`, `expected` what all layers should be. Tries parts that compute the value from expected layers
/// nearer and nearer to it, by halving, and gives the last that is still beyond the tolerance. Nothing where
/// even the whole way from the inputs is within it, as happens where only the passes over the whole model go
/// wrong.
std::optional<FailingPart> bisect(const Graph& graph, const std::string& failing, const LayerMap& expected,
                                  std::span<const Datum> inputs, double tolerance,
                                  const std::function<Session(Graph)>& compile, const RunOptions& options);

}  // namespace atlas
