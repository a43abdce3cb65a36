// Each alternative of Attribute, both ways.
#include "python/attributes.h"

#include <nanobind/stl/string.h>

#include "atlas/base/error.h"
#include "atlas/graph/text_writer.h"
#include "python/arrays.h"
#include "python/bindings.h"

namespace atlas::python {
namespace {

bool is_integer(nb::handle value) {
  return nb::isinstance<nb::int_>(value) || nb::hasattr(value, "__index__");
}

bool is_real(nb::handle value) {
  return nb::isinstance<nb::float_>(value) || is_integer(value);
}

bool is_text(nb::handle value) {
  return nb::isinstance<nb::str>(value) || nb::isinstance<nb::bytes>(value);
}

std::int64_t integer(nb::handle value) {
  return nb::cast<std::int64_t>(nb::module_::import_("operator").attr("index")(value));
}

float real(nb::handle value) {
  return static_cast<float>(nb::cast<double>(nb::float_(value)));
}

std::string string(nb::handle value) {
  nb::object bytes = nb::borrow(value);
  if (nb::isinstance<nb::str>(value)) bytes = value.attr("encode")("utf-8", "surrogateescape");
  const auto text = nb::borrow<nb::bytes>(bytes);
  return {text.c_str(), text.size()};
}

template <typename T, typename Convert>
std::vector<T> list_of(nb::handle values, Convert convert) {
  std::vector<T> out;
  for (nb::handle value : values) out.push_back(convert(value));
  return out;
}

Attribute list_attribute(nb::handle values, std::string_view where) {
  const auto all = [&](auto test) {
    for (nb::handle value : nb::borrow(values))
      if (!test(value)) return false;
    return true;
  };
  const nb::object list = nb::borrow(values);
  if (all(is_integer)) return list_of<std::int64_t>(list, integer);
  if (all(is_real)) return list_of<float>(list, real);
  if (all(is_text)) return list_of<std::string>(list, string);
  if (all([](nb::handle value) { return nb::isinstance<PyGraph>(value); }))
    return list_of<Graph>(list, [](nb::handle value) { return nb::cast<const PyGraph&>(value).graph; });
  return list_of<Tensor>(list,
                         [&](nb::handle value) { return to_tensor(value, DType::Undefined, where).clone(); });
}

nb::object object(std::int64_t value) {
  return nb::int_(value);
}
nb::object object(float value) {
  return nb::float_(value);
}
nb::object object(const std::string& value) {
  return nb::bytes(value.data(), value.size()).attr("decode")("utf-8", "surrogateescape");
}
nb::object object(const Tensor& value) {
  return from_tensor(value, true);
}
nb::object object(const SparseTensor& value) {
  return from_tensor(densify(value));
}
nb::object object(const Graph& value) {
  return nb::cast(PyGraph{value});
}
nb::object object(const Box<Graph>& value) {
  return object(*value);
}
nb::object object(const Type& value) {
  return object(text(Attribute(value)));
}
nb::object object(const AttributeReference& value) {
  return object(text(Attribute(value)));
}
template <typename T>
nb::object object(const std::vector<T>& values) {
  nb::list out;
  for (const T& value : values) out.append(object(value));
  return out;
}

}  // namespace

Attribute to_attribute(nb::handle value, std::string_view where) {
  if (nb::isinstance<nb::bool_>(value)) return std::int64_t{nb::cast<bool>(value)};
  if (nb::isinstance<nb::float_>(value)) return real(value);
  if (is_text(value)) return string(value);
  if (nb::isinstance<nb::list>(value) || nb::isinstance<nb::tuple>(value))
    return list_attribute(value, where);
  if (nb::isinstance<PyGraph>(value)) return Box<Graph>(nb::cast<const PyGraph&>(value).graph);
  if (nb::isinstance<nb::int_>(value)) return integer(value);
  require(!value.is_none(),
          "{}: expected a number, a string, an array, a graph or a list of one kind, got None", where);
  return to_tensor(value, DType::Undefined, where).clone();
}

nb::object from_attribute(const Attribute& attribute) {
  return std::visit([](const auto& value) { return object(value); }, attribute);
}

}  // namespace atlas::python
