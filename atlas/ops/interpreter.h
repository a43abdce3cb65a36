// Graphs run by the reference implementations alone: the oracle.
#pragma once

#include <span>
#include <vector>

#include "atlas/graph/graph.h"
#include "atlas/ops/ops.h"
#include "atlas/ops/reference_context.h"

namespace atlas {

/// Runs one node. `inputs` as long as node.inputs, an empty Datum for one left out.
/// Throws Unsupported where the operator is unknown or has no reference.
std::vector<Datum> run_reference(const OpRegistry& registry, const Node& node, std::span<const Datum> inputs,
                                 const ReferenceHost& host);

/// Runs a graph on `inputs` (in the order of graph.inputs; an empty Datum takes the input's default) and
/// gives its outputs. Functions must have been inlined. Throws InvalidArgument, naming the node, on bad data.
std::vector<Datum> interpret(const Graph& graph, const OpRegistry& registry, std::span<const Datum> inputs,
                             std::uint64_t seed = 0);

/// Told by interpret() of the nodes it runs.
class NodeWatch {
 public:
  virtual ~NodeWatch() = default;
  virtual void begin(const Graph& graph, const Node& node, std::span<const Datum> inputs) = 0;
  virtual void end(const Graph& graph, const Node& node, std::span<const Datum> inputs,
                   std::span<const Datum> outputs) = 0;
};
std::vector<Datum> interpret(const Graph& graph, const OpRegistry& registry, std::span<const Datum> inputs,
                             std::uint64_t seed, NodeWatch& watch);

}  // namespace atlas
