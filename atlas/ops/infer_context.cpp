// Access of inference to inputs, attributes and outputs.
#include "atlas/ops/infer_context.h"

#include <algorithm>

#include "atlas/tensor/elements.h"

namespace atlas {
namespace {

const Knowledge kNothing;

template <typename T>
const T* typed(const Node& node, std::string_view name, const Attribute* attribute) {
  if (attribute == nullptr) return nullptr;
  const T* value = std::get_if<T>(attribute);
  require(value != nullptr, "{}: attribute '{}' is {}, which does not fit", describe(node), name,
          kind_name(*attribute));
  return value;
}

}  // namespace

InferContext::InferContext(const OpDef& op, Node& node, std::vector<Knowledge> inputs, InferBody infer_body)
    : op_(op),
      node_(node),
      inputs_(std::move(inputs)),
      outputs_(node.outputs.size()),
      infer_body_(std::move(infer_body)) {}

bool InferContext::has_input(std::size_t i) const {
  return i < node_.inputs.size() && node_.inputs[i] != ValueId::None;
}
bool InferContext::has_output(std::size_t i) const {
  return i < node_.outputs.size() && node_.outputs[i] != ValueId::None;
}

const Type& InferContext::input(std::size_t i) const {
  return i < inputs_.size() ? inputs_[i].type : kNothing.type;
}

const Tensor* InferContext::constant(std::size_t i) const {
  return i < inputs_.size() ? inputs_[i].constant : nullptr;
}

std::optional<Dims> InferContext::content(std::size_t i) const {
  if (i >= inputs_.size()) return std::nullopt;
  if (inputs_[i].content) return inputs_[i].content;
  const Tensor* known = constant(i);
  // Longer lists are data, not shapes.
  if (known == nullptr || known->rank() > 1 || known->element_count() > 64 || !is_integer(known->dtype()))
    return std::nullopt;
  const std::vector<std::int64_t> values = to_ints(*known);
  return Dims(values.begin(), values.end());
}

std::optional<std::vector<std::int64_t>> InferContext::integers(std::size_t i) const {
  const Tensor* known = constant(i);
  if (known != nullptr && is_integer(known->dtype())) return to_ints(*known);
  const std::optional<Dims> dims = content(i);
  return dims ? constant_shape(*dims) : std::nullopt;
}

std::int64_t InferContext::integer(std::string_view name, std::int64_t otherwise) const {
  const auto* value = typed<std::int64_t>(node_, name, attribute(name));
  return value ? *value : otherwise;
}
float InferContext::real(std::string_view name, float otherwise) const {
  const auto* value = typed<float>(node_, name, attribute(name));
  return value ? *value : otherwise;
}
std::string InferContext::string(std::string_view name, std::string_view otherwise) const {
  const auto* value = typed<std::string>(node_, name, attribute(name));
  return value ? *value : std::string(otherwise);
}
std::vector<std::int64_t> InferContext::ints(std::string_view name) const {
  const auto* value = typed<std::vector<std::int64_t>>(node_, name, attribute(name));
  return value ? *value : std::vector<std::int64_t>{};
}

void InferContext::set_output(std::size_t i, Type type) {
  if (has_output(i)) outputs_[i].type = std::move(type);
}

void InferContext::set_content(std::size_t i, Dims content) {
  if (has_output(i) && content.size() <= 64) outputs_[i].content = std::move(content);
}

std::vector<Knowledge> InferContext::infer_body(std::string_view name, const std::vector<Type>& inputs) {
  Attribute* attribute = node_.attributes.find(name);
  auto* body = attribute ? std::get_if<Box<Graph>>(attribute) : nullptr;
  check(body != nullptr, "expected a graph as attribute '{}'", name);
  check((*body)->inputs.size() == inputs.size(), "expected {} inputs of graph '{}', got {}", inputs.size(),
        name, (*body)->inputs.size());
  return infer_body_(**body, inputs);
}

void InferContext::restore_body(std::string_view name, const Graph& body) {
  node_.attributes.set(std::string(name), Box<Graph>(body));
}

std::size_t InferContext::axis(std::int64_t axis, std::size_t rank) const {
  return static_cast<std::size_t>(normalize_axis(axis, rank, describe(node_)));
}

void InferContext::raise_here(const std::string& message) const {
  raise(ErrorCode::InvalidArgument, describe(node_) + ": " + message);
}

Dims broadcast_dims(const InferContext& context, const Dims& a, const Dims& b) {
  const std::size_t rank = std::max(a.size(), b.size());
  Dims out(rank);
  for (std::size_t i = 0; i < rank; ++i) {
    const Dim x = i + a.size() < rank ? Dim(1) : a[i + a.size() - rank];
    const Dim y = i + b.size() < rank ? Dim(1) : b[i + b.size() - rank];
    if (x == y || y == Dim(1)) {
      out[i] = x;
    } else if (x == Dim(1)) {
      out[i] = y;
    } else if (x.is_constant() && y.is_constant()) {
      context.check(false, "shapes {} and {} do not broadcast", text(a), text(b));
    } else if (x.is_constant()) {
      out[i] = x;
    } else if (y.is_constant()) {
      out[i] = y;
    }
  }
  return out;
}

void infer_same_as_first(InferContext& context) {
  context.set_output(0, context.input(0));
}

namespace {

void infer_broadcast_to(InferContext& context, DType dtype) {
  std::optional<Dims> dims = context.dims(0);
  for (std::size_t i = 1; i < context.input_count() && dims; ++i)
    dims = context.dims(i) ? std::optional(broadcast_dims(context, *dims, *context.dims(i))) : std::nullopt;
  context.set_output(0, dtype, dims);
}

}  // namespace

void infer_broadcast(InferContext& context) {
  infer_broadcast_to(context, context.dtype(0));
}
void infer_broadcast_bool(InferContext& context) {
  infer_broadcast_to(context, DType::Bool);
}

}  // namespace atlas
