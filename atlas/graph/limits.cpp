// Counting against limits.
#include "atlas/graph/limits.h"

#include <algorithm>

#include "atlas/base/error.h"

namespace atlas {
namespace {

std::size_t count_nodes(const Graph& graph) {
  std::size_t count = graph.node_count();
  for (std::size_t i = 0; i < graph.node_count(); ++i)
    for_each_subgraph(graph.node(NodeId{static_cast<std::int32_t>(i)}),
                      [&](const Graph& nested) { count += count_nodes(nested); });
  for (const Function& function : graph.functions) count += count_nodes(function.body);
  return count;
}

[[noreturn]] void too_many(std::size_t limit) {
  fail(ErrorCode::ResourceExhausted, "expected a model of at most {} nodes (the limit on nodes)", limit);
}

}  // namespace

void GraphBudget::enter_graph(int depth) const {
  const int most = std::min(limits_.nesting, kMaxGraphDepth);
  if (depth > most)
    fail(ErrorCode::ResourceExhausted, "graphs nest more than {} deep (the limit on nesting)", most);
}

void GraphBudget::add_node() {
  if (++nodes_ > limits_.nodes) too_many(limits_.nodes);
}

void check_node_count(const Graph& graph, const Limits& limits) {
  if (count_nodes(graph) > limits.nodes) too_many(limits.nodes);
}

}  // namespace atlas
