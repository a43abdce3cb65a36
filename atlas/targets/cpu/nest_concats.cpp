// Networks that join all results so far, again and again (DenseNet), join the last joined one instead: what
// it holds already need not be copied (Sharing::Joined).
#include <algorithm>
#include <map>

#include "atlas/targets/cpu/lowering.h"

namespace atlas::cpu {
namespace {

bool is_concat(const Node& node) {
  return node.domain.empty() && node.op == "Concat" && node.attributes.has("axis");
}

}  // namespace

void nest_concats(Graph& graph) {
  using Joined = std::pair<std::int64_t, std::vector<ValueId>>;  // axis and inputs
  std::map<Joined, ValueId> joined;
  for (const NodeId id : graph.order()) {
    if (!is_concat(graph.node(id))) continue;
    Node node = graph.node(id);
    Joined key{node.attributes.integer("axis", 0), node.inputs};
    joined.emplace(key, node.outputs[0]);
    while (key.second.size() > 2) {
      key.second.pop_back();
      const auto found = joined.find(key);
      if (found == joined.end()) continue;
      node.inputs.erase(node.inputs.begin(),
                        node.inputs.begin() + static_cast<std::ptrdiff_t>(key.second.size()));
      node.inputs.insert(node.inputs.begin(), found->second);
      graph.erase_node(id);
      graph.add_node(std::move(node));
      break;
    }
  }
}

}  // namespace atlas::cpu
