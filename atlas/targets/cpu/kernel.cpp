// Compile-time access of kernels to their node.
#include "atlas/targets/cpu/kernel.h"

namespace atlas::cpu {
namespace {

const Type kUnknown;

template <typename T>
T attribute_or(const OpDef& op, const Node& node, std::string_view name, T otherwise) {
  const Attribute* attribute = op.schema.attribute(node, name);
  if (attribute == nullptr) return otherwise;
  const T* value = std::get_if<T>(attribute);
  require(value != nullptr, "{}: attribute '{}' is {}, which does not fit", describe(node), name,
          kind_name(*attribute));
  return *value;
}

}  // namespace

const Type& NodeView::input(std::size_t i) const {
  return has_input(i) ? graph_.value(node_.inputs[i]).type : kUnknown;
}

const Type& NodeView::output(std::size_t i) const {
  return has_output(i) ? graph_.value(node_.outputs[i]).type : kUnknown;
}

const Tensor* NodeView::constant(std::size_t i) const {
  if (!has_input(i) || !graph_.is_constant(node_.inputs[i])) return nullptr;
  if (weights_ != nullptr) weights_->look_at(graph_, node_.inputs[i]);
  return &graph_.value(node_.inputs[i]).constant;
}

std::optional<Shape> NodeView::constant_shape(std::size_t i) const {
  if (!has_input(i) || !graph_.is_constant(node_.inputs[i])) return std::nullopt;
  return graph_.value(node_.inputs[i]).constant.shape();
}

std::int64_t NodeView::integer(std::string_view name, std::int64_t otherwise) const {
  return attribute_or(op_, node_, name, otherwise);
}
float NodeView::real(std::string_view name, float otherwise) const {
  return attribute_or(op_, node_, name, otherwise);
}
std::string NodeView::string(std::string_view name, std::string_view otherwise) const {
  return attribute_or(op_, node_, name, std::string(otherwise));
}
std::vector<std::int64_t> NodeView::ints(std::string_view name) const {
  return attribute_or(op_, node_, name, std::vector<std::int64_t>{});
}

}  // namespace atlas::cpu
