// What an operator's decomposition sees of its node.
#pragma once

#include "atlas/ops/opdef.h"

namespace atlas {

/// Types are those inferred; the builder adds to the node's own graph.
class DecomposeContext {
 public:
  DecomposeContext(const OpDef& op, const Node& node, GraphBuilder& builder)
      : op_(op), node_(node), builder_(builder) {}

  const Node& node() const { return node_; }
  GraphBuilder& builder() { return builder_; }

  /// ValueId::None where it is left out.
  ValueId input(std::size_t i) const { return i < node_.inputs.size() ? node_.inputs[i] : ValueId::None; }
  bool has_input(std::size_t i) const { return input(i) != ValueId::None; }
  bool has_output(std::size_t i) const {
    return i < node_.outputs.size() && node_.outputs[i] != ValueId::None;
  }
  std::size_t output_count() const { return node_.outputs.size(); }
  /// A copy: adding nodes moves the graph's own.
  Type type(std::size_t i) const { return builder_.graph().value(input(i)).type; }
  /// Attribute or its default; nullptr where there is neither.
  const Attribute* attribute(std::string_view name) const { return op_.schema.attribute(node_, name); }
  std::int64_t integer(std::string_view name, std::int64_t otherwise = 0) const {
    const Attribute* found = attribute(name);
    return found ? std::get<std::int64_t>(*found) : otherwise;
  }
  float real(std::string_view name, float otherwise = 0) const {
    const Attribute* found = attribute(name);
    return found ? std::get<float>(*found) : otherwise;
  }

 private:
  const OpDef& op_;
  Node node_;  // a copy: adding nodes moves the graph's own
  GraphBuilder& builder_;
};

}  // namespace atlas
