// Nodes that nothing depends on go.
#include "atlas/passes/nested.h"
#include "atlas/passes/passes.h"

namespace atlas {
namespace {

bool eliminate(Graph& graph) {
  std::vector<bool> needed(graph.value_count(), false);
  for (const ValueId output : graph.outputs) needed[index(output)] = true;
  bool changed = false;
  const std::vector<NodeId> order = graph.order();
  for (auto id = order.rbegin(); id != order.rend(); ++id) {
    const Node& node = graph.node(*id);
    bool is_needed = false;
    for (const ValueId output : node.outputs)
      is_needed = is_needed || (output != ValueId::None && needed[index(output)]);
    if (is_needed) {
      for (const ValueId used : uses(node)) needed[index(used)] = true;
    } else {
      graph.erase_node(*id);
      changed = true;
    }
  }
  return changed;
}

}  // namespace

bool eliminate_dead(Graph& graph, const OpRegistry&) {
  return edit_all_levels(graph, eliminate);
}

}  // namespace atlas
