// Nodes that give back what they were given, and pairs of nodes that undo or repeat each other.
#include <algorithm>
#include <array>
#include <string_view>

#include "atlas/passes/nested.h"
#include "atlas/passes/passes.h"
#include "atlas/tensor/elements.h"

namespace atlas {
namespace {

bool is_output(const Graph& graph, ValueId id) {
  return std::ranges::find(graph.outputs, id) != graph.outputs.end();
}

bool same_dims(const Graph& graph, ValueId a, ValueId b) {
  const Type& x = graph.value(a).type;
  const Type& y = graph.value(b).type;
  return x.is_tensor() && y.is_tensor() && x.dtype == y.dtype && x.dims && y.dims && *x.dims == *y.dims;
}

// Constant input `i` holds nothing but `number`; true where the input is left out and `or_absent`.
bool all_equal(const Graph& graph, const Node& node, std::size_t i, std::int64_t number, bool or_absent) {
  if (i >= node.inputs.size() || node.inputs[i] == ValueId::None) return or_absent;
  if (!graph.is_constant(node.inputs[i])) return false;
  const std::vector<std::int64_t> values = to_ints(graph.value(node.inputs[i]).constant);
  return std::ranges::all_of(values, [&](std::int64_t v) { return v == number; });
}

bool is_identity_permutation(const Graph& graph, const Node& node) {
  std::vector<std::int64_t> order = node.attributes.integers("perm");
  const std::optional<Dims>& dims = graph.value(node.inputs[0]).type.dims;
  if (order.empty()) return dims && dims->size() <= 1;
  for (std::size_t i = 0; i < order.size(); ++i)
    if (order[i] != static_cast<std::int64_t>(i)) return false;
  return true;
}

// Whether output 0 always equals input 0.
bool gives_back(const Graph& graph, const Node& node) {
  static constexpr std::array<std::string_view, 6> kShapeOnly = {"Expand",  "Flatten", "Reshape",
                                                                 "Squeeze", "Tile",    "Unsqueeze"};
  static constexpr std::array<std::string_view, 5> kOfMany = {"Concat", "Max", "Mean", "Min", "Sum"};
  if (!node.domain.empty() || node.inputs.empty() || node.inputs[0] == ValueId::None ||
      node.outputs.empty() || node.outputs[0] == ValueId::None)
    return false;
  if (node.op == "Identity") return true;
  if (node.op == "Transpose") return is_identity_permutation(graph, node);
  if (std::ranges::find(kOfMany, node.op) != kOfMany.end()) return node.inputs.size() == 1;
  const bool alone = std::ranges::count_if(node.outputs, [](ValueId v) { return v != ValueId::None; }) == 1;
  if (node.op == "Dropout") return alone && all_equal(graph, node, 2, 0, true);
  const bool same = same_dims(graph, node.inputs[0], node.outputs[0]);
  if (node.op == "Cast" || node.op == "CastLike") {
    const DType from = graph.value(node.inputs[0]).type.dtype;
    return from != DType::Undefined && from == graph.value(node.outputs[0]).type.dtype;
  }
  if (node.op == "Split") return node.outputs.size() == 1 && same;
  if (node.op == "Slice") return same && all_equal(graph, node, 4, 1, true);
  if (node.op == "Pad") return same && all_equal(graph, node, 1, 0, false);
  return same && std::ranges::find(kShapeOnly, node.op) != kShapeOnly.end();
}

// Makes users of the node's output use its input. An output of the graph keeps its name: the input takes it,
// where it is free to. False where nothing can be done.
bool bypass(Graph& graph, NodeId id) {
  const ValueId from = graph.node(id).outputs[0];
  const ValueId to = graph.node(id).inputs[0];
  if (is_output(graph, from)) {
    if (graph.value(to).producer == NodeId::None || is_output(graph, to)) return false;
    const std::string name = graph.value(from).name;
    graph.rename(from, "");
    graph.rename(to, name);
  }
  graph.erase_node(id);
  graph.replace_uses(from, to);
  return true;
}

// The producer of input 0 where it is a node of this operator, used by nobody else.
const Node* fed_by(const Graph& graph, const Node& node, std::string_view op) {
  if (node.inputs.empty() || node.inputs[0] == ValueId::None) return nullptr;
  const NodeId producer = graph.value(node.inputs[0]).producer;
  if (producer == NodeId::None) return nullptr;
  const Node& found = graph.node(producer);
  return found.domain.empty() && found.op == op ? &found : nullptr;
}

// All values of `from` are values of `to`, so that a detour through `to` loses nothing.
bool widens(DType from, DType to) {
  if (from == to) return true;
  const bool from_half = from == DType::F16 || from == DType::BF16;
  if (to == DType::F64) return from == DType::F32 || from_half || (is_integer(from) && bits(from) <= 32);
  if (to == DType::F32) return from_half || (is_integer(from) && bits(from) <= 16);
  if (is_signed_integer(to)) return is_integer(from) && bits(from) < bits(to);
  return is_unsigned_integer(to) && is_unsigned_integer(from) && bits(from) < bits(to);
}

bool join_with_producer(Graph& graph, NodeId id) {
  Node& node = graph.node(id);
  if (!node.domain.empty()) return false;
  if (const Node* first = node.op == "Cast" ? fed_by(graph, node, "Cast") : nullptr) {
    const DType original = graph.value(first->inputs[0]).type.dtype;
    if (original == DType::Undefined || !widens(original, graph.value(node.inputs[0]).type.dtype))
      return false;
    node.inputs[0] = first->inputs[0];
    return true;
  }
  if (const Node* first = node.op == "Transpose" ? fed_by(graph, node, "Transpose") : nullptr) {
    const std::vector<std::int64_t> inner = first->attributes.integers("perm");
    std::vector<std::int64_t> outer = node.attributes.integers("perm");
    if (inner.empty() || outer.size() != inner.size()) return false;
    for (std::int64_t& axis : outer) axis = inner[static_cast<std::size_t>(axis)];
    node.inputs[0] = first->inputs[0];
    node.attributes.set("perm", outer);
    return true;
  }
  if (const Node* first = node.op == "Reshape" ? fed_by(graph, node, "Reshape") : nullptr) {
    // A 0 in the new shape copies a size of what stands between.
    if (!graph.is_constant(node.inputs[1]) || node.attributes.integer("allowzero", 0) != 0) return false;
    const std::vector<std::int64_t> shape = to_ints(graph.value(node.inputs[1]).constant);
    if (std::ranges::find(shape, 0) != shape.end()) return false;
    node.inputs[0] = first->inputs[0];
    return true;
  }
  return false;
}

bool eliminate(Graph& graph) {
  bool changed = false;
  for (const NodeId id : graph.order()) {
    while (join_with_producer(graph, id)) changed = true;
    if (gives_back(graph, graph.node(id)) && bypass(graph, id)) changed = true;
  }
  return changed;
}

}  // namespace

bool eliminate_identity(Graph& graph, const OpRegistry&) {
  return edit_all_levels(graph, eliminate);
}

}  // namespace atlas
