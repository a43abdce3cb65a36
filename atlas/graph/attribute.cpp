// Look-up of attributes with clear errors on a wrong kind.
#include "atlas/graph/attribute.h"

#include <algorithm>

#include "atlas/base/error.h"
#include "atlas/graph/graph.h"

namespace atlas {

Attributes::Attributes() = default;
Attributes::Attributes(const Attributes&) = default;
Attributes::Attributes(Attributes&&) noexcept = default;
Attributes& Attributes::operator=(const Attributes&) = default;
Attributes& Attributes::operator=(Attributes&&) noexcept = default;
Attributes::~Attributes() = default;

Attributes::Attributes(std::initializer_list<Entry> entries) {
  for (const Entry& entry : entries) set(entry.first, entry.second);
}

const Attribute* Attributes::find(std::string_view name) const {
  const auto at = std::ranges::lower_bound(entries_, name, {}, &Entry::first);
  return at != entries_.end() && at->first == name ? &at->second : nullptr;
}

Attribute* Attributes::find(std::string_view name) {
  return const_cast<Attribute*>(static_cast<const Attributes*>(this)->find(name));
}

void Attributes::set(std::string name, Attribute value) {
  const auto at = std::ranges::lower_bound(entries_, name, {}, &Entry::first);
  if (at != entries_.end() && at->first == name) {
    at->second = std::move(value);
  } else {
    entries_.insert(at, {std::move(name), std::move(value)});
  }
}

void Attributes::erase(std::string_view name) {
  std::erase_if(entries_, [&](const Entry& entry) { return entry.first == name; });
}

template <typename T>
const T* Attributes::get(std::string_view name) const {
  const Attribute* attribute = find(name);
  if (attribute == nullptr) return nullptr;
  const T* value = std::get_if<T>(attribute);
  require(value != nullptr, "attribute '{}': expected {}, got {}", name, kind_name(T{}),
          kind_name(*attribute));
  return value;
}

template const std::int64_t* Attributes::get(std::string_view) const;
template const float* Attributes::get(std::string_view) const;
template const std::string* Attributes::get(std::string_view) const;
template const Tensor* Attributes::get(std::string_view) const;
template const Box<Graph>* Attributes::get(std::string_view) const;
template const Type* Attributes::get(std::string_view) const;
template const std::vector<std::int64_t>* Attributes::get(std::string_view) const;
template const std::vector<float>* Attributes::get(std::string_view) const;
template const std::vector<std::string>* Attributes::get(std::string_view) const;
template const std::vector<Tensor>* Attributes::get(std::string_view) const;
template const std::vector<Graph>* Attributes::get(std::string_view) const;
template const std::vector<Type>* Attributes::get(std::string_view) const;
template const SparseTensor* Attributes::get(std::string_view) const;
template const AttributeReference* Attributes::get(std::string_view) const;

std::int64_t Attributes::integer(std::string_view name, std::int64_t otherwise) const {
  const auto* value = get<std::int64_t>(name);
  return value ? *value : otherwise;
}

float Attributes::real(std::string_view name, float otherwise) const {
  const auto* value = get<float>(name);
  return value ? *value : otherwise;
}

std::string Attributes::string(std::string_view name, std::string_view otherwise) const {
  const auto* value = get<std::string>(name);
  return value ? *value : std::string(otherwise);
}

std::vector<std::int64_t> Attributes::integers(std::string_view name) const {
  const auto* value = get<std::vector<std::int64_t>>(name);
  return value ? *value : std::vector<std::int64_t>{};
}

std::vector<float> Attributes::reals(std::string_view name) const {
  const auto* value = get<std::vector<float>>(name);
  return value ? *value : std::vector<float>{};
}

std::vector<std::string> Attributes::strings(std::string_view name) const {
  const auto* value = get<std::vector<std::string>>(name);
  return value ? *value : std::vector<std::string>{};
}

std::vector<Attributes::Entry>::const_iterator Attributes::begin() const {
  return entries_.begin();
}
std::vector<Attributes::Entry>::const_iterator Attributes::end() const {
  return entries_.end();
}
std::vector<Attributes::Entry>::iterator Attributes::begin() {
  return entries_.begin();
}
std::vector<Attributes::Entry>::iterator Attributes::end() {
  return entries_.end();
}
std::size_t Attributes::size() const {
  return entries_.size();
}

const char* kind_name(const Attribute& attribute) {
  static constexpr const char* kNames[] = {
      "an integer", "a real",  "a string", "a tensor", "a graph", "a type",          "integers",
      "reals",      "strings", "tensors",  "graphs",   "types",   "a sparse tensor", "a reference"};
  static_assert(std::size(kNames) == std::variant_size_v<Attribute>);
  return kNames[attribute.index()];
}

}  // namespace atlas
