// Ports out of a graph's values.
#include "atlas/graph/port.h"

namespace atlas {
namespace {

std::vector<Port> ports(const Graph& graph, const std::vector<ValueId>& ids) {
  std::vector<Port> out;
  for (const ValueId id : ids)
    out.push_back({graph.value(id).name, graph.value(id).type, graph.value(id).constant.is_defined()});
  return out;
}

}  // namespace

std::vector<Port> input_ports(const Graph& graph) {
  return ports(graph, graph.inputs);
}

std::vector<Port> output_ports(const Graph& graph) {
  return ports(graph, graph.outputs);
}

}  // namespace atlas
