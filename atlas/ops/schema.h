// What a node of an operator must look like: parameters, attributes, types.
#pragma once

#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "atlas/graph/graph.h"
#include "atlas/ops/type_set.h"

namespace atlas {

/// An input or output. `type` is the name of a constraint ("T") or of an element type ("i64").
struct Parameter {
  std::string name;
  std::string type;
  bool optional = false;
  bool variadic = false;       // the last parameter only: one or more (zero or more where optional too)
  bool heterogeneous = false;  // variadic whose members need not share a type
};

enum class AttributeKind : std::uint8_t {
  Integer,
  Real,
  String,
  Tensor,
  Graph,
  Type,
  Integers,
  Reals,
  Strings,
  Tensors,
  Graphs,
  Types,
  Sparse,
};

/// An attribute: with a default value, required, or plainly optional.
struct AttributeSpec {
  std::string name;
  AttributeKind kind;
  std::optional<Attribute> otherwise;
  bool required = false;

  /// The kind is that of the default.
  AttributeSpec(std::string name, Attribute otherwise);
  AttributeSpec(std::string name, int otherwise)
      : AttributeSpec(std::move(name), Attribute(std::int64_t{otherwise})) {}
  AttributeSpec(std::string name, float otherwise) : AttributeSpec(std::move(name), Attribute(otherwise)) {}
  AttributeSpec(std::string name, const char* otherwise)
      : AttributeSpec(std::move(name), Attribute(std::string(otherwise))) {}
  AttributeSpec(std::string name, AttributeKind kind, bool required = false)
      : name(std::move(name)), kind(kind), required(required) {}
};

inline constexpr bool kRequired = true;

/// A constraint: the set of types its name stands for; all parameters of one constraint have one type.
struct Constraint {
  std::string name;
  TypeSet types;
};

struct Schema {
  std::vector<Parameter> inputs;
  std::vector<Parameter> outputs;
  std::vector<Constraint> constraints;
  std::vector<AttributeSpec> attributes;

  Schema() = default;
  /// `signature`: "X:T, W:T, B?:T -> Y:T, Mask?:bool". "?" marks an optional parameter, "*" after the type
  /// a variadic one, "**" a variadic one of mixed types; a type is a constraint or an element type ("i64").
  Schema(std::string_view signature, std::initializer_list<Constraint> constraints,
         std::initializer_list<AttributeSpec> attributes = {});

  /// Throws InvalidArgument, naming the node, unless the node's inputs (by count and type), outputs and
  /// attributes fit. `input_types` as long as node.inputs, Unknown where nothing is known.
  void check(const Node& node, const std::vector<Type>& input_types) const;

  /// The value of an attribute of the node, or its default; nullptr where there is neither.
  const Attribute* attribute(const Node& node, std::string_view name) const;
};

}  // namespace atlas
