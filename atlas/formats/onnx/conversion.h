// One node on its way from a version of its operator to the next, and the edits that such a step makes.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "atlas/graph/builder.h"

namespace atlas::onnx {

/// New nodes are of the newest version; the node itself goes on through the steps that are left.
class Conversion {
 public:
  Conversion(Graph& graph, NodeId id);

  Graph& graph() { return graph_; }
  /// Not valid after a node was added.
  Node& node() { return graph_.node(id_); }
  NodeId id() const { return id_; }
  Attributes& attributes() { return node().attributes; }

  /// ValueId::None where it is left out.
  ValueId input(std::size_t position) const;
  void set_input(std::size_t position, ValueId value);
  /// ValueId::None where it is left out.
  ValueId output(std::size_t position) const;

  /// From now on the node makes a new value; the old one, which is returned, needs another producer. Throws
  /// InvalidArgument where the output is left out.
  ValueId take_output(std::size_t position);
  /// Adds a node that makes `made`, a value that `take_output` returned.
  void make(ValueId made, std::string_view op, std::vector<ValueId> inputs, Attributes attributes = {});

  /// The one output of a new node.
  ValueId op(std::string_view op, std::vector<ValueId> inputs, Attributes attributes = {});
  ValueId constant(Tensor tensor) { return builder_.constant(std::move(tensor)); }
  ValueId ints(std::vector<std::int64_t> values) { return builder_.ints(std::move(values)); }
  /// A scalar of the element type of `like`, also where that type is not known.
  ValueId scalar_like(float value, ValueId like);

  /// The attribute, which the node loses, as a value: a constant, or inside a function what the caller gives.
  /// Nothing where the node does not have it.
  std::optional<ValueId> take_integers(const std::string& name);
  std::optional<ValueId> take_integer(const std::string& name);  // rank 0
  std::optional<ValueId> take_reals(const std::string& name);

  /// The elements, where the value is a constant or what a Constant node makes.
  std::optional<Tensor> constant_of(ValueId value) const;
  /// The input, which the node loses, as integers; nothing where it is left out. Throws Unsupported, calling
  /// it `what`, where it is no constant.
  std::optional<std::vector<std::int64_t>> take_constant_input(std::size_t position, std::string_view what);

  std::optional<std::size_t> rank(ValueId value) const;
  /// As stated, or as it follows through nodes that keep the type of what they read; else Undefined.
  DType dtype(ValueId value) const;
  /// Whether a node, a nested graph or an output uses the value.
  bool is_used(ValueId value) const;

  /// Throws Unsupported; the node is named by the caller.
  [[noreturn]] void unsupported(std::string_view what) const;

 private:
  std::optional<ValueId> take(const std::string& name, const char* parameter, DType dtype, bool scalar);

  Graph& graph_;
  NodeId id_;
  GraphBuilder builder_;
};

using Step = void (*)(Conversion&);

}  // namespace atlas::onnx
