// Kernels are chosen as a program would choose them, one node at a time, and let go again.
#include "atlas/targets/cpu/survey.h"

#include <fmt/ranges.h>

#include "atlas/targets/cpu/expansion.h"
#include "atlas/targets/cpu/kernel_table.h"

namespace atlas::cpu {
namespace {

using Kind = NodeSupport::Kind;

// "f32, i64": element types of what the node reads, which is what kernels differ by.
std::string input_types(const Graph& graph, const Node& node) {
  std::vector<std::string> types;
  for (const ValueId input : node.inputs)
    if (input != ValueId::None && graph.value(input).type.is_tensor())
      types.emplace_back(name(graph.value(input).type.dtype));
  return fmt::format("{}", fmt::join(types, ", "));
}

// A node alone, with the types around it, as the expansion wants it.
bool can_be_taken_apart(const Graph& graph, const Node& node, const OpRegistry& ops) {
  Graph alone;
  Node copy = node;
  for (ValueId& input : copy.inputs) {
    if (input == ValueId::None) continue;
    const Value& value = graph.value(input);
    input = graph.is_constant(input) ? alone.add_constant(value.name, value.constant)
                                     : alone.add_input(value.name, value.type);
  }
  for (ValueId& output : copy.outputs) {
    if (output == ValueId::None) continue;
    output = alone.add_value(graph.value(output).name, graph.value(output).type);
    alone.outputs.push_back(output);
  }
  const NodeId id = alone.add_node(std::move(copy));
  expand_nodes_without_kernel(alone, ops);
  return alone.is_erased(id);
}

NodeSupport support_of(const Graph& graph, const Node& node, const OpRegistry& ops) {
  const std::string described = describe(node);
  const OpDef* op = ops.find(node);
  if (op == nullptr) return {Kind::Missing, described, "Atlas does not know this operator"};
  const KernelChoice choice = choose_kernel(NodeView(graph, node, *op));
  if (choice.kernel || choice.reference_is_kernel) return {Kind::Native, described, ""};
  bool holds_graphs = false;
  for_each_subgraph(node, [&](const Graph&) { holds_graphs = true; });
  if (op->decompose && !holds_graphs && can_be_taken_apart(graph, node, ops))
    return {Kind::Native, described, ""};
  const std::string reason = fmt::format("no kernel for {}", input_types(graph, node));
  if (op->reference == nullptr) return {Kind::Missing, described, reason + ", and no reference"};
  return {Kind::Emulated, described, reason + ": runs by its reference, slowly"};
}

}  // namespace

std::vector<NodeSupport> survey(const Graph& graph, const OpRegistry& ops) {
  std::vector<NodeSupport> out;
  for (const NodeId id : graph.order()) {
    const Node& node = graph.node(id);
    out.push_back(support_of(graph, node, ops));
    for_each_subgraph(node, [&](const Graph& nested) {
      for (NodeSupport& inside : survey(nested, ops)) out.push_back(std::move(inside));
    });
  }
  return out;
}

}  // namespace atlas::cpu
