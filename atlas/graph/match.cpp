// Answers from producers and consumers.
#include "atlas/graph/match.h"

#include <algorithm>
#include <cmath>

#include "atlas/tensor/elements.h"

namespace atlas {

Matcher::Matcher(const Graph& graph)
    : graph_(graph), consumers_(graph.consumers()), is_output_(graph.value_count(), false) {
  for (const ValueId output : graph.outputs) is_output_[index(output)] = true;
}

const Node* Matcher::maker(ValueId value, std::string_view op) const {
  if (value == ValueId::None) return nullptr;
  const NodeId id = graph_.value(value).producer;
  if (id == NodeId::None) return nullptr;
  const Node& node = graph_.node(id);
  const bool all_there = std::ranges::find(node.inputs, ValueId::None) == node.inputs.end();
  return node.domain.empty() && node.op == op && all_there ? &node : nullptr;
}

bool Matcher::has_one_use(ValueId value) const {
  return index(value) < consumers_.size() && consumers_[index(value)].size() == 1 &&
         !is_output_[index(value)];
}

std::optional<double> Matcher::number(ValueId value) const {
  if (value == ValueId::None || !graph_.is_constant(value)) return std::nullopt;
  const Tensor& constant = graph_.value(value).constant;
  if (constant.element_count() != 1 || constant.dtype() == DType::String || is_complex(constant.dtype()))
    return std::nullopt;
  return to_doubles(constant).front();
}

bool Matcher::is_number(ValueId value, double wanted, double tolerance) const {
  const std::optional<double> found = number(value);
  return found && std::abs(*found - wanted) <= tolerance * std::max(1.0, std::abs(wanted));
}

ValueId Matcher::other_input(const Node& node, ValueId value) {
  if (node.inputs.size() != 2) return ValueId::None;
  if (node.inputs[0] == value) return node.inputs[1];
  return node.inputs[1] == value ? node.inputs[0] : ValueId::None;
}

}  // namespace atlas
