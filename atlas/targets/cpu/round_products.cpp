// What one product with a constant matrix makes and only such ones read is rounded once, by its maker.
#include <algorithm>

#include "atlas/targets/cpu/lowering.h"

namespace atlas::cpu {
namespace {

// Whose factors are rounded, whatever type they come in.
bool rounds(const Graph& graph, NodeId id) {
  const Node& node = graph.node(id);
  if (node.domain != "atlas" || node.op != "Linear" || !graph.is_constant(node.inputs[1])) return false;
  return graph.value(node.inputs[1]).constant.element_count() > 0;
}

bool reads_as_factor(const Graph& graph, NodeId id, ValueId value) {
  const std::vector<ValueId>& inputs = graph.node(id).inputs;
  return rounds(graph, id) && std::count(inputs.begin(), inputs.end(), value) == 1 && inputs[0] == value;
}

}  // namespace

void round_products(Graph& graph) {
  const std::vector<std::vector<NodeId>> consumers = graph.consumers();
  for (const NodeId id : graph.order()) {
    if (!rounds(graph, id)) continue;
    const ValueId value = graph.node(id).outputs[0];
    const bool is_result = std::ranges::find(graph.outputs, value) != graph.outputs.end();
    const std::vector<NodeId>& users = consumers[index(value)];
    if (is_result || users.empty() ||
        !std::ranges::all_of(users, [&](NodeId user) { return reads_as_factor(graph, user, value); }))
      continue;
    graph.value(value).type.dtype = DType::BF16;
    graph.node(id).attributes.set("rounds", std::int64_t{1});
  }
}

}  // namespace atlas::cpu
