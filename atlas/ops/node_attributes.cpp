// Access to attributes, their kinds checked.
#include "atlas/ops/node_attributes.h"

namespace atlas {
namespace {

template <typename T>
T attribute_or(const NodeAttributes& attributes, std::string_view name, T otherwise) {
  const Attribute* attribute = attributes.attribute(name);
  if (attribute == nullptr) return otherwise;
  const T* value = std::get_if<T>(attribute);
  attributes.check(value != nullptr, "attribute '{}' is {}, which does not fit", name, kind_name(*attribute));
  return *value;
}

}  // namespace

std::int64_t NodeAttributes::integer(std::string_view name, std::int64_t otherwise) const {
  return attribute_or(*this, name, otherwise);
}
float NodeAttributes::real(std::string_view name, float otherwise) const {
  return attribute_or(*this, name, otherwise);
}
std::string NodeAttributes::string(std::string_view name, std::string_view otherwise) const {
  return attribute_or(*this, name, std::string(otherwise));
}
std::vector<std::int64_t> NodeAttributes::ints(std::string_view name) const {
  return attribute_or(*this, name, std::vector<std::int64_t>{});
}
std::vector<float> NodeAttributes::reals(std::string_view name) const {
  return attribute_or(*this, name, std::vector<float>{});
}
std::vector<std::string> NodeAttributes::strings(std::string_view name) const {
  return attribute_or(*this, name, std::vector<std::string>{});
}

}  // namespace atlas
