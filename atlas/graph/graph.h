// A model: nodes that compute values from values. One version of each operator, the newest of ONNX.
#pragma once

#include <cstdint>
#include <map>
#include <span>
#include <string>
#include <unordered_map>
#include <vector>

#include "atlas/graph/attribute.h"
#include "atlas/graph/type.h"
#include "atlas/tensor/tensor.h"

namespace atlas {

enum class NodeId : std::int32_t { None = -1 };
enum class ValueId : std::int32_t { None = -1 };
inline std::size_t index(NodeId id) {
  return static_cast<std::size_t>(id);
}
inline std::size_t index(ValueId id) {
  return static_cast<std::size_t>(id);
}

/// An operator applied to values. ValueId::None stands for an optional input or output left out.
struct Node {
  std::string domain;  // "" is ai.onnx
  std::string op;      // "" marks a node that was erased
  std::string name;    // for messages; need not be unique
  std::vector<ValueId> inputs;
  std::vector<ValueId> outputs;
  Attributes attributes;
  std::string overload;  // which of several functions of that name is called; nearly always ""
};

/// An edge. `constant` is defined for initialisers; where the value is also an input of the graph it is the
/// default that a caller may override.
struct Value {
  std::string name;  // unique in its graph
  Type type;
  NodeId producer = NodeId::None;
  Tensor constant;
};

/// In a graph that is an attribute: `inner` stands for the value `outer` of the enclosing graph.
struct Capture {
  ValueId outer;
  ValueId inner;
};

struct Function;

/// Nodes may stand in any order; ids stay valid until `compact()`.
class Graph {
 public:
  Graph();
  Graph(const Graph&);
  Graph(Graph&&) noexcept;
  Graph& operator=(const Graph&);
  Graph& operator=(Graph&&) noexcept;
  ~Graph();

  std::string name;
  std::vector<ValueId> inputs;
  std::vector<ValueId> outputs;
  std::vector<Capture> captures;                // of a nested graph; empty at the top
  std::vector<Function> functions;              // of the top graph alone
  std::map<std::string, std::string> metadata;  // producer, licence, labels, ...; of the top graph alone

  /// A new value. An empty or taken name is made unique from `name`.
  ValueId add_value(std::string name, Type type = {});
  ValueId add_input(std::string name, Type type);
  ValueId add_constant(std::string name, Tensor tensor);
  /// Becomes the producer of its outputs, each of which must have none yet.
  NodeId add_node(Node node);
  /// Its outputs lose their producer; the ids of others stay valid.
  void erase_node(NodeId id);
  /// Every use of `from`, by nodes, nested graphs and as an output, becomes a use of `to`.
  void replace_uses(ValueId from, ValueId to);
  /// Inside a nested graph: the inner value that stands for `outer`, captured now if it was not.
  ValueId capture(ValueId outer, std::string name, Type type);
  void rename(ValueId id, std::string name);

  Node& node(NodeId id) { return nodes_[index(id)]; }
  const Node& node(NodeId id) const { return nodes_[index(id)]; }
  Value& value(ValueId id) { return values_[index(id)]; }
  const Value& value(ValueId id) const { return values_[index(id)]; }
  /// Counts of ids, erased nodes included.
  std::size_t node_count() const { return nodes_.size(); }
  std::size_t value_count() const { return values_.size(); }
  bool is_erased(NodeId id) const { return node(id).op.empty(); }

  /// ValueId::None where there is none of that name.
  ValueId find(std::string_view name) const;
  /// A constant that no caller can override.
  bool is_constant(ValueId id) const;
  bool is_input(ValueId id) const;

  /// Nodes such that each stands after the producers of what it uses, otherwise in order of their ids.
  /// Throws InvalidArgument, naming a node, where there is a cycle.
  std::vector<NodeId> order() const;

  /// For each value, the nodes that use it (through nested graphs too), each once.
  std::vector<std::vector<NodeId>> consumers() const;

  /// Drops erased nodes and unused values, renumbers nodes into `order()`. All ids change.
  void compact();

 private:
  std::string unique_name(std::string wanted) const;

  std::vector<Node> nodes_;
  std::vector<Value> values_;
  std::unordered_map<std::string, ValueId> by_name_;
};

/// A node type defined by a graph. Attributes of the call reach the body as AttributeReference.
struct Function {
  std::string domain;
  std::string name;
  std::string overload;
  Attributes attributes;  // with their defaults
  std::vector<std::string> required_attributes;
  Graph body;
};

/// Calls visit(Graph&) for each graph among the attributes of a node.
template <typename NodeType, typename Visit>
void for_each_subgraph(NodeType& node, Visit&& visit) {
  for (auto& [name, attribute] : node.attributes) {
    if (auto* graph = std::get_if<Box<Graph>>(&attribute)) visit(**graph);
    if (auto* graphs = std::get_if<std::vector<Graph>>(&attribute))
      for (auto& graph : *graphs) visit(graph);
  }
}

/// Values that a node reads: its inputs, and what its nested graphs capture.
std::vector<ValueId> uses(const Node& node);

/// "Conv 'conv_1'" for messages, with the domain where it is not ai.onnx.
std::string describe(const Node& node);

}  // namespace atlas
