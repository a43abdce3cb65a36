// Access of references to inputs, attributes and outputs.
#include "atlas/ops/reference_context.h"

namespace atlas {
namespace {

const Datum kNothing;

template <typename T>
T attribute_or(const ReferenceContext& context, std::string_view name, T otherwise) {
  const Attribute* attribute = context.attribute(name);
  if (attribute == nullptr) return otherwise;
  const T* value = std::get_if<T>(attribute);
  context.check(value != nullptr, "attribute '{}' is {}, which does not fit", name, kind_name(*attribute));
  return *value;
}

}  // namespace

ReferenceContext::ReferenceContext(const OpDef& op, const Node& node, std::span<const Datum> inputs,
                                   const ReferenceHost& host)
    : op_(op), node_(node), inputs_(inputs), host_(host), outputs_(node.outputs.size()) {}

Type ReferenceContext::output_type(std::size_t i) const {
  return i < host_.output_types.size() ? host_.output_types[i] : Type();
}

bool ReferenceContext::has_output(std::size_t i) const {
  return i < node_.outputs.size() && node_.outputs[i] != ValueId::None;
}

const Datum& ReferenceContext::datum(std::size_t i) const {
  return i < inputs_.size() ? inputs_[i] : kNothing;
}

const Tensor& ReferenceContext::input(std::size_t i) const {
  check(has_input(i), "input {} is missing", i);
  check(inputs_[i].is_tensor(), "expected a tensor as input {}, got {}", i, text(inputs_[i]));
  return inputs_[i].tensor();
}

double ReferenceContext::real_input(std::size_t i, double otherwise) const {
  if (!has_input(i)) return otherwise;
  check(input(i).element_count() > 0, "expected a number as input {}, got an empty tensor", i);
  return doubles(i).front();
}

std::int64_t ReferenceContext::integer_input(std::size_t i, std::int64_t otherwise) const {
  if (!has_input(i)) return otherwise;
  check(input(i).element_count() > 0, "expected a number as input {}, got an empty tensor", i);
  return integers(i).front();
}

std::int64_t ReferenceContext::integer(std::string_view name, std::int64_t otherwise) const {
  return attribute_or(*this, name, otherwise);
}
float ReferenceContext::real(std::string_view name, float otherwise) const {
  return attribute_or(*this, name, otherwise);
}
std::string ReferenceContext::string(std::string_view name, std::string_view otherwise) const {
  return attribute_or(*this, name, std::string(otherwise));
}
std::vector<std::int64_t> ReferenceContext::ints(std::string_view name) const {
  return attribute_or(*this, name, std::vector<std::int64_t>{});
}
std::vector<float> ReferenceContext::reals(std::string_view name) const {
  return attribute_or(*this, name, std::vector<float>{});
}
std::vector<std::string> ReferenceContext::strings(std::string_view name) const {
  return attribute_or(*this, name, std::vector<std::string>{});
}

const Graph& ReferenceContext::body(std::string_view name) const {
  const auto* body = node_.attributes.get<Box<Graph>>(name);
  check(body != nullptr, "expected a graph as attribute '{}'", name);
  return **body;
}

void ReferenceContext::set_output(std::size_t i, Datum datum) {
  if (has_output(i)) outputs_[i] = std::move(datum);
}

void ReferenceContext::set_doubles(std::size_t i, DType dtype, Shape shape, std::span<const double> values) {
  if (has_output(i)) outputs_[i] = from_doubles(dtype, std::move(shape), values);
}

void ReferenceContext::set_integers(std::size_t i, DType dtype, Shape shape,
                                    std::span<const std::int64_t> values) {
  if (has_output(i)) outputs_[i] = from_ints(dtype, std::move(shape), values);
}

std::vector<Datum> ReferenceContext::run_body(const Graph& body, std::span<const Datum> inputs) const {
  ensure(static_cast<bool>(host_.run_body), "a nested graph run without a host for it");
  return host_.run_body(body, inputs);
}

std::size_t ReferenceContext::axis(std::int64_t axis, std::size_t rank) const {
  return static_cast<std::size_t>(normalize_axis(axis, rank, describe(node_)));
}

void ReferenceContext::raise_here(const std::string& message) const {
  raise(ErrorCode::InvalidArgument, describe(node_) + ": " + message);
}

}  // namespace atlas
