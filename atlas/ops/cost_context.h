// What an operator's cost function sees: its node, with every shape known.
#pragma once

#include <optional>

#include "atlas/ops/opdef.h"
#include "atlas/ops/ops.h"

namespace atlas {

class CostContext {
 public:
  /// Types of inputs and outputs, Unknown where left out; tensors have constant dims.
  CostContext(const OpDef& op, const Node& node, std::vector<Type> inputs, std::vector<Type> outputs)
      : op_(op), node_(node), inputs_(std::move(inputs)), outputs_(std::move(outputs)) {}

  const Node& node() const { return node_; }
  bool has_input(std::size_t i) const { return i < inputs_.size() && inputs_[i].is_tensor(); }
  DType input_dtype(std::size_t i) const { return inputs_.at(i).dtype; }
  DType output_dtype(std::size_t i) const { return outputs_.at(i).dtype; }
  /// Throw InvalidArgument where a dim is no constant.
  std::vector<std::int64_t> input_shape(std::size_t i) const;
  std::vector<std::int64_t> output_shape(std::size_t i) const;
  double output_elements(std::size_t i) const;
  std::int64_t integer(std::string_view name, std::int64_t otherwise = 0) const;

  /// Bytes of all inputs and outputs, no operations: what most cost functions start from.
  Cost traffic() const;

 private:
  const OpDef& op_;
  const Node& node_;
  std::vector<Type> inputs_;
  std::vector<Type> outputs_;
};

/// The operator's cost function, or the default of OpDef::cost.
Cost cost_of(const OpDef& op, const CostContext& context);

/// Operations and traffic of one node of a graph whose types were inferred; nothing where the shapes of its
/// inputs and outputs are not all known or the registry lacks its operator.
std::optional<Cost> cost_of_node(const Graph& graph, const Node& node, const OpRegistry& ops);

}  // namespace atlas
