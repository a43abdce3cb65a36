// Categories in ai.onnx.ml: values mapped to values, and to rows of one 1.
#include <bit>
#include <cmath>
#include <limits>
#include <unordered_map>

#include "atlas/ops/families.h"
#include "atlas/ops/infer_context.h"
#include "atlas/ops/reference_context.h"
#include "atlas/ops/result_limit.h"

namespace atlas::ops {
namespace {

using Strings = std::vector<std::string>;

const Tensor* tensor_attribute(const Attribute* attribute) {
  return attribute == nullptr ? nullptr : std::get_if<Tensor>(attribute);
}

Tensor tensor_of(const Strings& values) {
  return Tensor::of<std::string>({static_cast<std::int64_t>(values.size())}, values);
}
Tensor tensor_of(const std::vector<std::int64_t>& values) {
  return Tensor::of_ints(values);
}
Tensor tensor_of(const std::vector<float>& values) {
  return Tensor::of<float>({static_cast<std::int64_t>(values.size())}, values);
}

/// Whichever of keys_strings, keys_int64s, keys_floats and keys_tensor the node has; `prefix` "keys" or
/// "values".
Tensor listed(const ReferenceContext& context, const std::string& prefix) {
  if (const Tensor* tensor = tensor_attribute(context.attribute(prefix + "_tensor"))) return *tensor;
  if (context.has_attribute(prefix + "_strings")) return tensor_of(context.strings(prefix + "_strings"));
  if (context.has_attribute(prefix + "_int64s")) return tensor_of(context.ints(prefix + "_int64s"));
  context.check(context.has_attribute(prefix + "_floats"), "expected attributes '{}_*', got none", prefix);
  return tensor_of(context.reals(prefix + "_floats"));
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

/// For each element of `elements` its place in `keys` (the last of equals), or that after the last.
template <typename Elements>
std::vector<std::size_t> places(const Elements& keys, const Elements& elements) {
  std::unordered_map<std::remove_cvref_t<decltype(keys[0])>, std::size_t> at;
  for (std::size_t i = 0; i < keys.size(); ++i) at[keys[i]] = i;
  std::vector<std::size_t> out;
  for (const auto& element : elements) {
    const auto found = at.find(element);
    out.push_back(found == at.end() ? keys.size() : found->second);
  }
  return out;
}

/// Input 0 looked up among the keys.
std::vector<std::size_t> places(const ReferenceContext& context, const Tensor& keys) {
  context.check(kind_of(keys.dtype()) == kind_of(context.dtype(0)),
                "expected keys like the input ({}), got {}", name(context.dtype(0)), name(keys.dtype()));
  if (keys.dtype() == DType::String)
    return places(keys.values<std::string>(), context.input(0).values<std::string>());
  return places(number_keys(keys), number_keys(context.input(0)));
}

/// Sets output 0 to `values` at these places, `otherwise` where a place is beyond the last.
void set_mapped(ReferenceContext& context, const std::vector<std::size_t>& at, const Tensor& values,
                const Tensor& otherwise) {
  context.check(otherwise.dtype() == values.dtype() && otherwise.element_count() == 1,
                "expected one default of type {}, got {}", name(values.dtype()), text(otherwise));
  const auto mapped = [&](const auto& list, const auto& fallback) {
    auto out = fallback;
    out.clear();
    for (const std::size_t place : at) out.push_back(place < list.size() ? list[place] : fallback[0]);
    return out;
  };
  const Shape& shape = context.shape(0);
  switch (kind_of(values.dtype())) {
    case Kind::String: {
      const auto fallback = otherwise.values<std::string>();
      const auto out = mapped(values.values<std::string>(), Strings(fallback.begin(), fallback.end()));
      context.set_output(0, Tensor::of<std::string>(shape, out));
      break;
    }
    case Kind::Integer:
      context.set_integers(0, values.dtype(), shape, mapped(to_ints(values), to_ints(otherwise)));
      break;
    case Kind::Real:
      context.set_doubles(0, values.dtype(), shape, mapped(to_doubles(values), to_doubles(otherwise)));
      break;
  }
}

void infer_label_encoder(InferContext& context) {
  DType dtype = DType::F32;
  if (const Tensor* values = tensor_attribute(context.attribute("values_tensor"))) {
    dtype = values->dtype();
  } else if (context.has_attribute("values_strings")) {
    dtype = DType::String;
  } else if (context.has_attribute("values_int64s")) {
    dtype = DType::I64;
  }
  context.set_output(0, dtype, context.dims(0));
}

Tensor default_label(const ReferenceContext& context, DType dtype) {
  if (const Tensor* tensor = tensor_attribute(context.attribute("default_tensor"))) return *tensor;
  switch (kind_of(dtype)) {
    case Kind::String:
      return Tensor::scalar(context.string("default_string"));
    case Kind::Integer:
      return from_ints(dtype, {}, std::vector{context.integer("default_int64")});
    default:
      return from_doubles(dtype, {}, std::vector<double>{context.real("default_float")});
  }
}

void label_encoder(ReferenceContext& context) {
  const Tensor keys = listed(context, "keys");
  const Tensor values = listed(context, "values");
  context.check(keys.element_count() == values.element_count(),
                "expected as many values as keys ({}), got {}", keys.element_count(), values.element_count());
  set_mapped(context, places(context, keys), values, default_label(context, values.dtype()));
}

void infer_category_mapper(InferContext& context) {
  const DType dtype = context.dtype(0) == DType::String ? DType::I64
                      : context.dtype(0) == DType::I64  ? DType::String
                                                        : DType::Undefined;
  context.set_output(0, dtype, context.dims(0));
}

void category_mapper(ReferenceContext& context) {
  const Tensor strings = tensor_of(context.strings("cats_strings"));
  const Tensor integers = tensor_of(context.ints("cats_int64s"));
  context.check(strings.element_count() == integers.element_count(),
                "expected as many integers as strings ({}), got {}", strings.element_count(),
                integers.element_count());
  if (context.dtype(0) == DType::String) {
    set_mapped(context, places(context, strings), integers, Tensor::scalar(context.integer("default_int64")));
  } else {
    set_mapped(context, places(context, integers), strings, Tensor::scalar(context.string("default_string")));
  }
}

void infer_one_hot_encoder(InferContext& context) {
  if (!context.dims(0)) return context.set_output(0, DType::F32, std::nullopt);
  Dims dims = *context.dims(0);
  const Attribute* strings = context.attribute("cats_strings");
  const std::size_t count = strings ? std::get<Strings>(*strings).size() : context.ints("cats_int64s").size();
  dims.emplace_back(static_cast<std::int64_t>(count));
  context.set_output(0, DType::F32, dims);
}

// Numbers are cast to integers before they are looked up.
void one_hot_encoder(ReferenceContext& context) {
  const bool is_string = context.dtype(0) == DType::String;
  context.check(context.has_attribute(is_string ? "cats_strings" : "cats_int64s"),
                "expected categories as {} for an input of type {}", is_string ? "strings" : "integers",
                name(context.dtype(0)));
  const std::vector<std::size_t> at = is_string ? places(context, tensor_of(context.strings("cats_strings")))
                                                : places(context.ints("cats_int64s"), context.integers(0));
  const std::size_t count =
      is_string ? context.strings("cats_strings").size() : context.ints("cats_int64s").size();
  Shape shape = context.shape(0);
  shape.push_back(static_cast<std::int64_t>(count));
  check_result_size(context, shape);
  std::vector<double> out(element_count(shape));
  for (std::size_t i = 0; i < at.size(); ++i) {
    context.check(at[i] < count || context.integer("zeros") != 0, "element {} is none of the categories", i);
    if (at[i] < count) out[i * count + at[i]] = 1;
  }
  context.set_doubles(0, DType::F32, shape, out);
}

}  // namespace

std::vector<OpDef> ml_categories() {
  constexpr TypeSet kLabels = {DType::String, DType::I64, DType::F32, DType::I32, DType::I16, DType::F64};
  constexpr TypeSet kPair = {DType::String, DType::I64};
  std::vector<OpDef> out = {
      {.name = "CategoryMapper",
       .schema = {"X:T1 -> Y:T2",
                  {{"T1", kPair}, {"T2", kPair}},
                  {{"cats_strings", AttributeKind::Strings},
                   {"cats_int64s", AttributeKind::Integers},
                   {"default_string", "_Unused"},
                   {"default_int64", -1}}},
       .infer = infer_category_mapper,
       .reference = category_mapper},
      {.name = "LabelEncoder",
       .schema = {"X:T1 -> Y:T2",
                  {{"T1", kLabels}, {"T2", kLabels}},
                  {{"keys_strings", AttributeKind::Strings},
                   {"keys_int64s", AttributeKind::Integers},
                   {"keys_floats", AttributeKind::Reals},
                   {"keys_tensor", AttributeKind::Tensor},
                   {"values_strings", AttributeKind::Strings},
                   {"values_int64s", AttributeKind::Integers},
                   {"values_floats", AttributeKind::Reals},
                   {"values_tensor", AttributeKind::Tensor},
                   {"default_string", "_Unused"},
                   {"default_int64", -1},
                   {"default_float", Attribute(-0.0f)},
                   {"default_tensor", AttributeKind::Tensor}}},
       .infer = infer_label_encoder,
       .reference = label_encoder},
      {.name = "OneHotEncoder",
       .schema = {"X:T -> Y:f32",
                  {{"T", {DType::String, DType::I64, DType::I32, DType::F32, DType::F64}}},
                  {{"cats_int64s", AttributeKind::Integers},
                   {"cats_strings", AttributeKind::Strings},
                   {"zeros", 1}}},
       .infer = infer_one_hot_encoder,
       .reference = one_hot_encoder},
  };
  for (OpDef& op : out) op.domain = "ai.onnx.ml";
  return out;
}

}  // namespace atlas::ops
