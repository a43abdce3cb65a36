// Questions that the lowering of patterns asks of a graph while it edits it.
#pragma once

#include <algorithm>
#include <optional>
#include <string_view>
#include <vector>

#include "atlas/graph/graph.h"

namespace atlas::cpu {

inline bool has_input(const Node& node, std::size_t i) {
  return i < node.inputs.size() && node.inputs[i] != ValueId::None;
}

class Neighbours {
 public:
  explicit Neighbours(const Graph& graph) : graph_(graph), users_(graph.consumers()) {}

  /// The node of this operator that makes `value`, or nullptr.
  const Node* maker(ValueId value, std::string_view op, std::string_view domain = "") const {
    if (value == ValueId::None) return nullptr;
    const NodeId id = graph_.value(value).producer;
    if (id == NodeId::None) return nullptr;
    const Node& node = graph_.node(id);
    return node.op == op && node.domain == domain ? &node : nullptr;
  }

  /// The one node that used `value` when this was made, where it is there still and the value is no output of
  /// the graph; None otherwise.
  NodeId only_user(ValueId value) const {
    if (index(value) >= users_.size() || users_[index(value)].size() != 1) return NodeId::None;
    const NodeId user = users_[index(value)][0];
    const bool is_output = std::ranges::find(graph_.outputs, value) != graph_.outputs.end();
    return is_output || graph_.is_erased(user) ? NodeId::None : user;
  }

  /// A constant of one f32.
  std::optional<float> number(ValueId value) const {
    if (value == ValueId::None || !graph_.is_constant(value)) return std::nullopt;
    const Tensor& constant = graph_.value(value).constant;
    if (constant.dtype() != DType::F32 || constant.element_count() != 1) return std::nullopt;
    return constant.values<float>()[0];
  }

 private:
  const Graph& graph_;
  std::vector<std::vector<NodeId>> users_;
};

}  // namespace atlas::cpu
