// Layer normalisation in pieces becomes one node again.
#include <optional>

#include "atlas/graph/match.h"
#include "atlas/passes/nested.h"
#include "atlas/passes/passes.h"
#include "atlas/tensor/elements.h"

namespace atlas {
namespace {

// ReduceMean(x) over the last axis, with the axis kept.
bool is_last_axis_mean(const Graph& graph, const Matcher& match, ValueId value, ValueId x) {
  const Node* mean = match.maker(value, "ReduceMean");
  if (mean == nullptr || mean->inputs[0] != x || mean->inputs.size() < 2 ||
      mean->attributes.integer("keepdims", 1) == 0)
    return false;
  const std::optional<Dims>& dims = graph.value(x).type.dims;
  const std::optional<double> axis = match.number(mean->inputs[1]);
  return dims && axis && (*axis == -1 || *axis == static_cast<double>(dims->size()) - 1);
}

// x minus its mean: what x is.
ValueId centred(const Graph& graph, const Matcher& match, ValueId value) {
  const Node* sub = match.maker(value, "Sub");
  return sub != nullptr && is_last_axis_mean(graph, match, sub->inputs[1], sub->inputs[0]) ? sub->inputs[0]
                                                                                           : ValueId::None;
}

bool is_square(const Matcher& match, ValueId value, ValueId x) {
  if (const Node* power = match.maker(value, "Pow"))
    return power->inputs[0] == x && match.is_number(power->inputs[1], 2);
  const Node* mul = match.maker(value, "Mul");
  return mul != nullptr && mul->inputs[0] == x && mul->inputs[1] == x;
}

// The epsilon in sqrt(mean(d^2) + epsilon).
std::optional<double> deviation_epsilon(const Graph& graph, const Matcher& match, ValueId value, ValueId d) {
  const Node* root = match.maker(value, "Sqrt");
  const Node* add = root ? match.maker(root->inputs[0], "Add") : nullptr;
  if (add == nullptr) return std::nullopt;
  for (const ValueId side : add->inputs) {
    const std::optional<double> epsilon = match.number(side);
    const Node* mean = match.maker(Matcher::other_input(*add, side), "ReduceMean");
    if (!epsilon || mean == nullptr) continue;
    if (is_square(match, mean->inputs[0], d) &&
        is_last_axis_mean(graph, match, Matcher::other_input(*add, side), mean->inputs[0]))
      return epsilon;
  }
  return std::nullopt;
}

// A constant vector as long as the last axis of x.
bool is_row(const Graph& graph, ValueId value, ValueId x) {
  if (!graph.is_constant(value)) return false;
  const Tensor& constant = graph.value(value).constant;
  return constant.rank() == 1 && constant.dtype() == graph.value(x).type.dtype &&
         Dim(constant.dim(0)) == graph.value(x).type.dims->back();
}

struct Norm {
  ValueId x = ValueId::None;
  ValueId scale = ValueId::None;
  ValueId bias = ValueId::None;
  double epsilon = 0;
};

// d / sqrt(mean(d^2) + epsilon) * scale + bias with d = x - mean(x)
std::optional<Norm> layer_norm(const Graph& graph, const Matcher& match, const Node& add) {
  for (const ValueId bias : add.inputs) {
    const Node* mul = match.maker(Matcher::other_input(add, bias), "Mul");
    for (std::size_t i = 0; mul != nullptr && i < 2; ++i) {
      const Node* div = match.maker(mul->inputs[i], "Div");
      if (div == nullptr) continue;
      const ValueId x = centred(graph, match, div->inputs[0]);
      if (x == ValueId::None || !graph.value(x).type.dims) continue;
      const std::optional<double> epsilon = deviation_epsilon(graph, match, div->inputs[1], div->inputs[0]);
      const ValueId scale = mul->inputs[1 - i];
      if (epsilon && is_row(graph, scale, x) && is_row(graph, bias, x)) return Norm{x, scale, bias, *epsilon};
    }
  }
  return std::nullopt;
}

bool recognize_in(Graph& graph) {
  bool changed = false;
  const Matcher match(graph);
  for (const NodeId id : graph.order()) {
    const Node& node = graph.node(id);
    if (!node.domain.empty() || node.op != "Add" || node.inputs.size() != 2) continue;
    const std::optional<Norm> found = layer_norm(graph, match, node);
    if (!found) continue;
    Node fused{"", "LayerNormalization", node.name, {found->x, found->scale, found->bias}, node.outputs, {}};
    fused.attributes.set("axis", std::int64_t{-1});
    fused.attributes.set("epsilon", static_cast<float>(found->epsilon));
    graph.erase_node(id);
    graph.add_node(std::move(fused));
    changed = true;
  }
  return changed;
}

}  // namespace

bool recognize_layer_norm(Graph& graph, const OpRegistry&) {
  return edit_all_levels(graph, recognize_in);
}

}  // namespace atlas
