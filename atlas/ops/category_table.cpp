// Keys are hashed once; what is looked up are strings or 64 bits.
#include "atlas/ops/category_table.h"

#include <bit>
#include <cmath>
#include <limits>

#include "atlas/tensor/elements.h"

namespace atlas {
namespace {

using Strings = std::vector<std::string>;

const Tensor* tensor_attribute(const NodeAttributes& node, std::string_view name) {
  const Attribute* attribute = node.attribute(name);
  return attribute == nullptr ? nullptr : std::get_if<Tensor>(attribute);
}

Tensor tensor_of(const Strings& values) {
  return Tensor::of<std::string>({static_cast<std::int64_t>(values.size())}, values);
}
Tensor tensor_of(const std::vector<float>& values) {
  return Tensor::of<float>({static_cast<std::int64_t>(values.size())}, values);
}

/// Whichever of keys_strings, keys_int64s, keys_floats and keys_tensor the node has; `prefix` "keys" or
/// "values".
Tensor listed(const NodeAttributes& node, const std::string& prefix) {
  if (const Tensor* tensor = tensor_attribute(node, prefix + "_tensor")) return *tensor;
  if (node.has_attribute(prefix + "_strings")) return tensor_of(node.strings(prefix + "_strings"));
  if (node.has_attribute(prefix + "_int64s")) return Tensor::of_ints(node.ints(prefix + "_int64s"));
  node.check(node.has_attribute(prefix + "_floats"), "expected attributes '{}_*', got none", prefix);
  return tensor_of(node.reals(prefix + "_floats"));
}

enum class Kind { String, Integer, Real };
Kind kind_of(DType dtype) {
  return dtype == DType::String ? Kind::String : is_floating(dtype) ? Kind::Real : Kind::Integer;
}

/// Equal elements have equal keys: the integer itself, or the bits of a number with one NaN and one zero.
std::vector<std::int64_t> number_keys(const Tensor& tensor) {
  if (kind_of(tensor.dtype()) == Kind::Integer) return to_ints(tensor);
  std::vector<std::int64_t> out;
  for (double value : to_doubles(tensor)) {
    if (std::isnan(value)) value = std::numeric_limits<double>::quiet_NaN();
    out.push_back(std::bit_cast<std::int64_t>(value == 0 ? 0.0 : value));
  }
  return out;
}

Tensor default_label(const NodeAttributes& node, DType dtype) {
  if (const Tensor* tensor = tensor_attribute(node, "default_tensor")) return *tensor;
  switch (kind_of(dtype)) {
    case Kind::String:
      return Tensor::scalar(node.string("default_string"));
    case Kind::Integer:
      return from_ints(dtype, {}, std::vector{node.integer("default_int64")});
    default:
      return from_doubles(dtype, {}, std::vector<double>{node.real("default_float")});
  }
}

template <typename T>
std::vector<T> chosen(const std::vector<T>& values, const std::vector<std::size_t>& at) {
  std::vector<T> out;
  out.reserve(at.size());
  for (const std::size_t place : at) out.push_back(values[place]);
  return out;
}

/// Elements of `values`, of rank 1, at these places.
Tensor chosen(const Tensor& values, const std::vector<std::size_t>& at, const Shape& shape) {
  switch (kind_of(values.dtype())) {
    case Kind::String: {
      const auto list = values.values<std::string>();
      return Tensor::of<std::string>(shape, chosen(Strings(list.begin(), list.end()), at));
    }
    case Kind::Integer:
      return from_ints(values.dtype(), shape, chosen(to_ints(values), at));
    default:
      return from_doubles(values.dtype(), shape, chosen(to_doubles(values), at));
  }
}

/// `values` and behind them `otherwise`, of rank 1.
Tensor followed(const NodeAttributes& node, const Tensor& values, const Tensor& otherwise) {
  node.check(otherwise.dtype() == values.dtype() && otherwise.element_count() == 1,
             "expected one default of type {}, got {}", name(values.dtype()), text(otherwise));
  const Shape shape = {static_cast<std::int64_t>(values.element_count()) + 1};
  const auto both = [](auto list, const auto& last) {
    list.push_back(last[0]);
    return list;
  };
  switch (kind_of(values.dtype())) {
    case Kind::String: {
      const auto list = values.values<std::string>();
      return Tensor::of<std::string>(
          shape, both(Strings(list.begin(), list.end()), otherwise.values<std::string>()));
    }
    case Kind::Integer:
      return from_ints(values.dtype(), shape, both(to_ints(values), to_ints(otherwise)));
    default:
      return from_doubles(values.dtype(), shape, both(to_doubles(values), to_doubles(otherwise)));
  }
}

}  // namespace

CategoryTable::CategoryTable(const Tensor& keys) : dtype_(keys.dtype()), size_(keys.element_count()) {
  if (dtype_ == DType::String) {
    const auto list = keys.values<std::string>();
    for (std::size_t i = 0; i < size_; ++i) strings_[list[i]] = i;
  } else {
    const std::vector<std::int64_t> list = number_keys(keys);
    for (std::size_t i = 0; i < size_; ++i) numbers_[list[i]] = i;
  }
}

std::vector<std::size_t> CategoryTable::places(const Tensor& elements) const {
  std::vector<std::size_t> out;
  out.reserve(elements.element_count());
  const auto find_all = [&](const auto& table, const auto& list) {
    for (const auto& element : list) {
      const auto found = table.find(element);
      out.push_back(found == table.end() ? size_ : found->second);
    }
  };
  if (dtype_ == DType::String) {
    find_all(strings_, elements.values<std::string>());
  } else {
    find_all(numbers_, number_keys(elements));
  }
  return out;
}

CategoryMap CategoryMap::read(const NodeAttributes& node, DType input) {
  Tensor keys;
  Tensor values;
  if (node.node().op == "CategoryMapper") {
    keys = tensor_of(node.strings("cats_strings"));
    values = Tensor::of_ints(node.ints("cats_int64s"));
    node.check(keys.element_count() == values.element_count(),
               "expected as many integers as strings ({}), got {}", keys.element_count(),
               values.element_count());
    if (input != DType::String) std::swap(keys, values);
  } else {
    keys = listed(node, "keys");
    values = listed(node, "values");
  }
  node.check(keys.element_count() == values.element_count(), "expected as many values as keys ({}), got {}",
             keys.element_count(), values.element_count());
  node.check(kind_of(keys.dtype()) == kind_of(input), "expected keys like the input ({}), got {}",
             name(input), name(keys.dtype()));
  CategoryMap out;
  out.keys_ = CategoryTable(keys);
  out.values_ = followed(node, values, default_label(node, values.dtype()));
  return out;
}

Tensor CategoryMap::map(const Tensor& elements) const {
  return chosen(values_, keys_.places(elements), elements.shape());
}

CategoryRows CategoryRows::read(const NodeAttributes& node, DType input) {
  const bool is_string = input == DType::String;
  node.check(node.has_attribute(is_string ? "cats_strings" : "cats_int64s"),
             "expected categories as {} for an input of type {}", is_string ? "strings" : "integers",
             name(input));
  CategoryRows out;
  out.keys_ = CategoryTable(is_string ? tensor_of(node.strings("cats_strings"))
                                      : Tensor::of_ints(node.ints("cats_int64s")));
  out.zeros_ = node.integer("zeros") != 0;
  out.where_ = describe(node.node());
  return out;
}

// Numbers are cast to integers before they are looked up.
std::vector<std::size_t> CategoryRows::places(const Tensor& elements) const {
  std::vector<std::size_t> out =
      elements.dtype() == DType::String
          ? keys_.places(elements)
          : keys_.places(from_ints(DType::I64, elements.shape(), to_ints(elements)));
  for (std::size_t i = 0; i < out.size(); ++i)
    require(out[i] < width() || zeros_, "{}: element {} is none of the categories", where_, i);
  return out;
}

}  // namespace atlas
