// Walks a graph and the graphs inside it, adding up.
#include "cli/model_summary.h"

#include <algorithm>
#include <map>

#include "atlas/mapping/memory_plan.h"
#include "atlas/ops/cost_context.h"

namespace atlas::cli {
namespace {

bool is_sized(const Type& type) {
  return type.is_tensor() && type.dims && constant_shape(*type.dims);
}

std::string operator_name(const Node& node) {
  return node.domain.empty() ? node.op : node.domain + "::" + node.op;
}

class Walk {
 public:
  Walk(const OpRegistry& ops, ModelSummary& summary) : ops_(ops), summary_(summary) {}

  void add(const Graph& graph) {
    for (std::size_t i = 0; i < graph.value_count(); ++i)
      add_constant(graph.value(ValueId{static_cast<std::int32_t>(i)}).constant);
    for (const NodeId id : graph.order()) add(graph, graph.node(id));
  }

  std::vector<OperatorUse> operators() const {
    std::vector<OperatorUse> uses;
    for (const auto& [name, use] : by_name_) uses.push_back(use);
    std::stable_sort(uses.begin(), uses.end(),
                     [](const OperatorUse& a, const OperatorUse& b) { return a.nodes > b.nodes; });
    return uses;
  }

 private:
  void add(const Graph& graph, const Node& node) {
    OperatorUse& use = by_name_[operator_name(node)];
    use.name = operator_name(node);
    ++use.nodes;
    ++summary_.nodes;
    if (const std::optional<Cost> cost = cost_of_node(graph, node, ops_)) {
      use.operations += cost->total_operations();
      for (std::size_t i = 0; i < cost->operations.size(); ++i)
        summary_.cost.operations[i] += cost->operations[i];
      summary_.cost.bytes_read += cost->bytes_read;
      summary_.cost.bytes_written += cost->bytes_written;
    } else {
      ++summary_.unpriced_nodes;
    }
    for (const auto& [name, attribute] : node.attributes)
      if (const auto* tensor = std::get_if<Tensor>(&attribute)) add_constant(*tensor);
    for_each_subgraph(node, [this](const Graph& nested) { add(nested); });
  }

  void add_constant(const Tensor& tensor) {
    if (!tensor.is_defined()) return;
    summary_.parameters += tensor.element_count();
    summary_.parameter_bytes += tensor.size_bytes();
  }

  const OpRegistry& ops_;
  ModelSummary& summary_;
  std::map<std::string, OperatorUse> by_name_;
};

// From the step that makes it to the last that uses it.
std::uint64_t activation_bytes(const Graph& graph) {
  const std::vector<NodeId> order = graph.order();
  std::vector<Lifetime> lifetimes(graph.value_count());
  for (std::size_t step = 0; step < order.size(); ++step) {
    const Node& node = graph.node(order[step]);
    for (const ValueId id : node.outputs) {
      if (id == ValueId::None) continue;
      const Type& type = graph.value(id).type;
      const bool counts = is_sized(type) && bits(type.dtype) > 0;
      const std::size_t bytes =
          counts ? byte_size(type.dtype, element_count(*constant_shape(*type.dims))) : 0;
      lifetimes[index(id)] = {bytes, step, step};
    }
    for (const ValueId id : uses(node))
      if (id != ValueId::None) lifetimes[index(id)].last = step;
  }
  for (const ValueId id : graph.outputs) lifetimes[index(id)].last = order.size();
  std::erase_if(lifetimes, [](const Lifetime& lifetime) { return lifetime.size_bytes == 0; });
  return plan_memory(lifetimes).arena_bytes;
}

}  // namespace

ModelSummary summarize(const Graph& graph, const OpRegistry& ops) {
  ModelSummary summary;
  Walk walk(ops, summary);
  walk.add(graph);
  summary.operators = walk.operators();
  summary.activation_bytes = activation_bytes(graph);
  return summary;
}

}  // namespace atlas::cli
