// Questions that rewriters of patterns ask of a graph.
#pragma once

#include <initializer_list>
#include <optional>
#include <string_view>
#include <vector>

#include "atlas/graph/graph.h"

namespace atlas {

/// A snapshot of who uses what; edits of the graph do not show in it, so one that changes uses needs a new
/// one.
class Matcher {
 public:
  explicit Matcher(const Graph& graph);

  /// The ai.onnx node of this operator that makes `value`, or nullptr. With two inputs or more all must be
  /// there.
  const Node* maker(ValueId value, std::string_view op) const;
  NodeId maker_id(ValueId value) const { return graph_.value(value).producer; }
  /// One node uses the value, and it is no output of the graph.
  bool has_one_use(ValueId value) const;
  /// The one node that uses it, where `has_one_use`.
  NodeId only_user(ValueId value) const { return consumers_[index(value)].front(); }
  /// The number in a constant of one element, of any numeric type.
  std::optional<double> number(ValueId value) const;
  bool is_number(ValueId value, double wanted, double tolerance = 1e-5) const;
  /// Of the two inputs of a node, the one beside `value`; None where neither is.
  static ValueId other_input(const Node& node, ValueId value);

 private:
  const Graph& graph_;
  std::vector<std::vector<NodeId>> consumers_;
  std::vector<bool> is_output_;
};

}  // namespace atlas
