// Reading of signatures and checking of nodes against them.
#include "atlas/ops/schema.h"

#include <algorithm>
#include <map>

#include "atlas/base/error.h"

namespace atlas {
namespace {

AttributeKind kind_of(const Attribute& attribute) {
  static_assert(static_cast<int>(AttributeKind::Sparse) + 2 == std::variant_size_v<Attribute>,
                "the kinds stand in the order of the variant, references last");
  return static_cast<AttributeKind>(attribute.index());
}

std::string_view trimmed(std::string_view s) {
  while (!s.empty() && s.front() == ' ') s.remove_prefix(1);
  while (!s.empty() && s.back() == ' ') s.remove_suffix(1);
  return s;
}

std::vector<Parameter> parameters(std::string_view list) {
  std::vector<Parameter> out;
  while (!trimmed(list).empty()) {
    const std::size_t comma = std::min(list.find(','), list.size());
    std::string_view item = trimmed(list.substr(0, comma));
    list.remove_prefix(std::min(comma + 1, list.size()));
    Parameter parameter;
    const std::size_t colon = item.find(':');
    ensure(colon != std::string_view::npos, "a signature without a type");
    std::string_view name = item.substr(0, colon);
    std::string_view type = item.substr(colon + 1);
    if (name.ends_with('?')) {
      parameter.optional = true;
      name.remove_suffix(1);
    }
    if (type.ends_with('*')) {
      parameter.variadic = true;
      type.remove_suffix(1);
    }
    if (type.ends_with('*')) {
      parameter.heterogeneous = true;
      type.remove_suffix(1);
    }
    parameter.name = name;
    parameter.type = type;
    out.push_back(std::move(parameter));
  }
  return out;
}

std::size_t required_count(const std::vector<Parameter>& parameters) {
  std::size_t count = 0;
  for (std::size_t i = 0; i < parameters.size(); ++i)
    if (!parameters[i].optional) count = i + 1;
  return count;
}

void check_count(const Node& node, const char* what, const std::vector<ValueId>& given,
                 const std::vector<Parameter>& parameters) {
  const bool open = !parameters.empty() && parameters.back().variadic;
  const std::size_t least = required_count(parameters);
  if (given.size() < least || (!open && given.size() > parameters.size()))
    fail(ErrorCode::InvalidArgument, "{}: expected {}{} {}, got {}", describe(node),
         least == parameters.size() && !open ? ""
         : open                              ? "at least "
                                             : "up to ",
         open ? least : parameters.size(), what, given.size());
  for (std::size_t i = 0; i < given.size(); ++i) {
    const Parameter& parameter = parameters[std::min(i, parameters.size() - 1)];
    if (given[i] == ValueId::None && !parameter.optional && !parameter.variadic)
      fail(ErrorCode::InvalidArgument, "{}: expected its {} '{}', got none", describe(node), what,
           parameter.name);
  }
}

}  // namespace

AttributeSpec::AttributeSpec(std::string attribute_name, Attribute value)
    : name(std::move(attribute_name)), kind(kind_of(value)), otherwise(std::move(value)) {}

Schema::Schema(std::string_view signature, std::initializer_list<Constraint> constraint_list,
               std::initializer_list<AttributeSpec> attribute_list)
    : constraints(constraint_list), attributes(attribute_list) {
  const std::size_t arrow = signature.find("->");
  ensure(arrow != std::string_view::npos, "a signature without an arrow");
  inputs = parameters(signature.substr(0, arrow));
  outputs = parameters(signature.substr(arrow + 2));
}

void Schema::check(const Node& node, const std::vector<Type>& input_types) const {
  check_count(node, "inputs", node.inputs, inputs);
  check_count(node, "outputs", node.outputs, outputs);

  std::map<std::string, Type> bound;
  for (std::size_t i = 0; i < node.inputs.size(); ++i) {
    const Type& type = input_types[i];
    if (node.inputs[i] == ValueId::None || !type.is_known()) continue;
    const Parameter& parameter = inputs[std::min(i, inputs.size() - 1)];
    const auto constraint = std::ranges::find(constraints, parameter.type, &Constraint::name);
    if (constraint == constraints.end()) {
      const auto wanted = dtype_from_name(parameter.type);
      ensure(wanted.has_value(), "a signature names an unknown type");
      if (!type.is_tensor() || (type.dtype != *wanted && type.dtype != DType::Undefined))
        fail(ErrorCode::InvalidArgument, "{}: expected type {} for input '{}', got {}", describe(node),
             parameter.type, parameter.name, text(type));
      continue;
    }
    if (!constraint->types.accepts(type))
      fail(ErrorCode::InvalidArgument, "{}: type {} is not among those that input '{}' takes", describe(node),
           text(type), parameter.name);
    if (parameter.heterogeneous) continue;
    const auto [at, is_new] = bound.emplace(parameter.type, type);
    const bool same_frame = at->second.kind == type.kind &&
                            (at->second.dtype == type.dtype || at->second.dtype == DType::Undefined ||
                             type.dtype == DType::Undefined);
    if (!is_new && !same_frame)
      fail(ErrorCode::InvalidArgument,
           "{}: expected type {} for input '{}' as for the inputs before it, got {}", describe(node),
           text(at->second), parameter.name, text(type));
  }

  for (const AttributeSpec& spec : attributes)
    if (spec.required && !node.attributes.has(spec.name))
      fail(ErrorCode::InvalidArgument, "{}: expected attribute '{}'", describe(node), spec.name);
  for (const auto& [name, attribute] : node.attributes) {
    const auto spec = std::ranges::find(attributes, name, &AttributeSpec::name);
    if (spec == attributes.end())
      fail(ErrorCode::InvalidArgument, "{}: unknown attribute '{}'", describe(node), name);
    if (!std::holds_alternative<AttributeReference>(attribute) && kind_of(attribute) != spec->kind)
      fail(ErrorCode::InvalidArgument, "{}: attribute '{}' is of the wrong kind ({})", describe(node), name,
           kind_name(attribute));
  }
}

const Attribute* Schema::attribute(const Node& node, std::string_view name) const {
  if (const Attribute* own = node.attributes.find(name)) return own;
  const auto spec = std::ranges::find(attributes, name, &AttributeSpec::name);
  return spec != attributes.end() && spec->otherwise ? &*spec->otherwise : nullptr;
}

}  // namespace atlas
