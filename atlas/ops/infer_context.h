// What an operator's type inference sees of its node.
#pragma once

#include <functional>
#include <optional>
#include <span>

#include "atlas/base/error.h"
#include "atlas/ops/opdef.h"

namespace atlas {

/// All that is known of a value before a run.
struct Knowledge {
  Type type;
  const Tensor* constant = nullptr;  // its content, where it is a constant
  std::optional<Dims> content;       // elements of an integer tensor of rank 0 or 1, as far as known
};

class InferContext {
 public:
  /// `infer_body(graph, inputs)` sets the types in a nested graph and gives those of its outputs.
  using InferBody = std::function<std::vector<Knowledge>(Graph&, const std::vector<Type>&)>;

  InferContext(const OpDef& op, Node& node, std::vector<Knowledge> inputs, InferBody infer_body);

  const Node& node() const { return node_; }

  std::size_t input_count() const { return inputs_.size(); }
  std::size_t output_count() const { return outputs_.size(); }
  bool has_input(std::size_t i) const;
  bool has_output(std::size_t i) const;

  /// Unknown where nothing is known or the input is left out.
  const Type& input(std::size_t i) const;
  DType dtype(std::size_t i) const { return input(i).dtype; }
  /// Dims of a tensor (or sparse tensor), where the rank is known.
  const std::optional<Dims>& dims(std::size_t i) const { return input(i).dims; }
  /// Content, where it is a constant.
  const Tensor* constant(std::size_t i) const;
  /// Content of an integer tensor of rank 0 or 1, symbolic where it comes from shapes; single elements may be
  /// unknown Dims.
  std::optional<Dims> content(std::size_t i) const;
  /// Content as plain numbers, where all are known.
  std::optional<std::vector<std::int64_t>> integers(std::size_t i) const;

  /// Attributes with the schema's defaults applied.
  std::int64_t integer(std::string_view name, std::int64_t otherwise = 0) const;
  float real(std::string_view name, float otherwise = 0) const;
  std::string string(std::string_view name, std::string_view otherwise = "") const;
  std::vector<std::int64_t> ints(std::string_view name) const;
  bool has_attribute(std::string_view name) const { return attribute(name) != nullptr; }
  const Attribute* attribute(std::string_view name) const { return op_.schema.attribute(node_, name); }

  void set_output(std::size_t i, Type type);
  void set_output(std::size_t i, DType dtype, std::optional<Dims> dims) {
    set_output(i, Type::tensor(dtype, std::move(dims)));
  }
  /// Content of an integer output of rank 0 or 1.
  void set_content(std::size_t i, Dims content);

  /// Runs inference in the nested graph of attribute `name`; `inputs` are the types of its inputs.
  std::vector<Knowledge> infer_body(std::string_view name, const std::vector<Type>& inputs);
  /// Puts the nested graph of attribute `name` back to what it was, to infer it from other types.
  void restore_body(std::string_view name, const Graph& body);

  /// Throws InvalidArgument with the node's description in front unless `condition`.
  template <typename... Args>
  void check(bool condition, fmt::format_string<Args...> format, Args&&... args) const {
    if (!condition) [[unlikely]]
      raise_here(fmt::vformat(format, fmt::make_format_args(args...)));
  }

  /// Axis brought to [0, rank). Throws where it is outside.
  std::size_t axis(std::int64_t axis, std::size_t rank) const;

  const std::vector<Knowledge>& results() const { return outputs_; }

 private:
  [[noreturn]] void raise_here(const std::string& message) const;

  const OpDef& op_;
  Node& node_;
  std::vector<Knowledge> inputs_;
  std::vector<Knowledge> outputs_;
  InferBody infer_body_;
};

/// Dims that both broadcast to under ONNX's rules. A symbol against a number above 1 takes the number;
/// two different symbols, or a symbol against unknown, give unknown. Throws through `context` where they
/// clash.
Dims broadcast_dims(const InferContext& context, const Dims& a, const Dims& b);

/// Ready-made inference for the commonest cases.
void infer_same_as_first(InferContext& context);   // output 0 has the type of input 0
void infer_broadcast(InferContext& context);       // element type of input 0, all inputs broadcast
void infer_broadcast_bool(InferContext& context);  // Bool, all inputs broadcast

}  // namespace atlas
