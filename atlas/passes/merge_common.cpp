// Nodes that compute the same from the same inputs become one.
#include <algorithm>
#include <map>

#include "atlas/graph/text_writer.h"
#include "atlas/passes/nested.h"
#include "atlas/passes/passes.h"

namespace atlas {
namespace {

// Small constants count as equal by content: exporters write the same 0 and 1 again and again.
constexpr std::size_t kSmallBytes = 256;

bool merge_constants(Graph& graph) {
  bool changed = false;
  std::map<std::string, ValueId> seen;
  for (std::size_t i = 0; i < graph.value_count(); ++i) {
    const ValueId id{static_cast<std::int32_t>(i)};
    if (!graph.is_constant(id) || graph.value(id).constant.size_bytes() > kSmallBytes) continue;
    const auto [at, is_new] = seen.emplace(text(Attribute(graph.value(id).constant)), id);
    if (is_new || std::find(graph.outputs.begin(), graph.outputs.end(), id) != graph.outputs.end()) continue;
    graph.replace_uses(id, at->second);
    graph.value(id).constant = Tensor();
    changed = true;
  }
  return changed;
}

std::string key_of(const Node& node) {
  std::string key = node.domain + "::" + node.op + "/" + std::to_string(node.outputs.size());
  for (const ValueId input : node.inputs) key.append(",").append(std::to_string(static_cast<int>(input)));
  for (const auto& [name, attribute] : node.attributes) key += ";" + name + "=" + text(attribute);
  return key;
}

bool merge_nodes(Graph& graph, const OpRegistry& ops) {
  bool changed = false;
  std::map<std::string, NodeId> seen;
  for (const NodeId id : graph.order()) {
    const Node& node = graph.node(id);
    const OpDef* op = ops.find(node);
    bool is_plain = op != nullptr && !op->nondeterministic;
    for_each_subgraph(node, [&](const Graph&) { is_plain = false; });
    // An output keeps its name, so its producer stays.
    for (const ValueId output : node.outputs)
      is_plain =
          is_plain && std::find(graph.outputs.begin(), graph.outputs.end(), output) == graph.outputs.end();
    if (!is_plain) continue;
    const auto [at, is_new] = seen.emplace(key_of(node), id);
    if (is_new) continue;
    const std::vector<ValueId> mine = node.outputs;
    const std::vector<ValueId> first = graph.node(at->second).outputs;
    bool all_there = true;
    for (std::size_t i = 0; i < mine.size(); ++i)
      all_there = all_there && (mine[i] == ValueId::None || first[i] != ValueId::None);
    if (!all_there) continue;
    for (std::size_t i = 0; i < mine.size(); ++i)
      if (mine[i] != ValueId::None) graph.replace_uses(mine[i], first[i]);
    graph.erase_node(id);
    changed = true;
  }
  return changed;
}

}  // namespace

bool merge_common(Graph& graph, const OpRegistry& ops) {
  return edit_all_levels(graph, [&](Graph& level) {
    const bool constants = merge_constants(level);
    return merge_nodes(level, ops) || constants;
  });
}

}  // namespace atlas
