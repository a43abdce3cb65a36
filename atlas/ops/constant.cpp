// Operators that make tensors out of little: constants, ranges, diagonals, one-hot codes; and the identity.
#include <algorithm>
#include <cmath>

#include "atlas/ops/element_copy.h"
#include "atlas/ops/families.h"
#include "atlas/ops/infer_context.h"
#include "atlas/ops/movement_cost.h"
#include "atlas/ops/reference_context.h"

namespace atlas::ops {
namespace {

// The tensor that a Constant's attributes stand for.
template <typename Context>
Tensor constant_of(const Context& context) {
  const Attributes& attributes = context.node().attributes;
  context.check(attributes.size() == 1, "expected exactly one value, got {} attributes", attributes.size());
  const Attribute& value = attributes.begin()->second;
  if (const auto* tensor = std::get_if<Tensor>(&value)) return *tensor;
  if (const auto* sparse = std::get_if<SparseTensor>(&value)) return densify(*sparse);
  if (const auto* real = std::get_if<float>(&value)) return Tensor::scalar(*real);
  if (const auto* integer = std::get_if<std::int64_t>(&value)) return Tensor::scalar(*integer);
  if (const auto* string = std::get_if<std::string>(&value)) return Tensor::scalar(*string);
  if (const auto* integers = std::get_if<std::vector<std::int64_t>>(&value))
    return Tensor::of_ints(*integers);
  const auto list = [](const auto& values) {
    using T = typename std::remove_cvref_t<decltype(values)>::value_type;
    return Tensor::of<T>({static_cast<std::int64_t>(values.size())}, values);
  };
  if (const auto* reals = std::get_if<std::vector<float>>(&value)) return list(*reals);
  const auto* strings = std::get_if<std::vector<std::string>>(&value);
  context.check(strings != nullptr, "attribute '{}' is {}, which is no value", attributes.begin()->first,
                kind_name(value));
  return list(*strings);
}

void infer_constant(InferContext& context) {
  const Tensor value = constant_of(context);
  context.set_output(0, value.dtype(), dims_of(value.shape()));
  if (value.rank() <= 1 && value.element_count() <= 64 && is_integer(value.dtype()))
    context.set_content(0, dims_of(to_ints(value)));
}

void reference_constant(ReferenceContext& context) {
  context.set_output(0, constant_of(context));
}

template <typename Context>
Tensor fill_value(const Context& context) {
  const Attribute* value = context.attribute("value");
  const Tensor tensor = value ? std::get<Tensor>(*value) : Tensor::scalar(0.0f);
  context.check(tensor.element_count() == 1, "expected one element as attribute 'value', got {}",
                text(tensor));
  return tensor;
}

void infer_constant_of_shape(InferContext& context) {
  const Tensor value = fill_value(context);
  std::optional<Dims> dims = context.content(0);
  const std::optional<Dims>& rank = context.dims(0);
  context.check(!rank || rank->size() == 1, "expected a list as shape");
  if (!dims && rank && (*rank)[0].is_constant() && (*rank)[0].value() <= 64)
    dims = Dims(static_cast<std::size_t>((*rank)[0].value()));
  if (dims)
    for (const Dim& dim : *dims)
      context.check(!dim.is_constant() || dim.value() >= 0, "expected extents of 0 or more, got {}",
                    text(*dims));
  context.set_output(0, value.dtype(), dims);
  if (!dims || dims->size() > 1 || !is_integer(value.dtype())) return;
  const Dim count = product(*dims);
  if (count.is_constant() && count.value() <= 64)
    context.set_content(0, Dims(static_cast<std::size_t>(count.value()), Dim(to_ints(value).front())));
}

void reference_constant_of_shape(ReferenceContext& context) {
  const Tensor value = fill_value(context);
  context.set_output(0, pick_along_axes(value, context.integers(0),
                                        [](std::size_t, std::int64_t) { return std::int64_t{0}; }));
}

template <typename Context>
DType eye_dtype(const Context& context) {
  const std::int64_t number = context.integer("dtype", static_cast<std::int64_t>(context.dtype(0)));
  context.check(is_dtype(number) || number == 0, "attribute 'dtype' is {}, which is no element type", number);
  return static_cast<DType>(number);
}

void infer_eye_like(InferContext& context) {
  context.check(!context.dims(0) || context.dims(0)->size() == 2, "expected a matrix, got {}",
                text(context.input(0)));
  context.set_output(0, eye_dtype(context), context.dims(0));
}

void reference_eye_like(ReferenceContext& context) {
  const Shape& shape = context.shape(0);
  context.check(shape.size() == 2, "expected a matrix, got {}", text(context.input(0)));
  const std::int64_t k = context.integer("k");
  std::vector<std::int64_t> values(context.input(0).element_count(), 0);
  for (std::int64_t row = 0; row < shape[0]; ++row) {
    std::int64_t column = 0;
    if (!__builtin_add_overflow(row, k, &column) && column >= 0 && column < shape[1])
      values[static_cast<std::size_t>(row * shape[1] + column)] = 1;
  }
  context.set_integers(0, eye_dtype(context), shape, values);
}

void infer_range(InferContext& context) {
  const DType dtype = context.dtype(0);
  for (std::size_t i = 0; i < 3; ++i)
    context.check(!context.dims(i) || context.dims(i)->empty() || text(*context.dims(i)) == "[1]",
                  "expected a scalar as input {}, got {}", i, text(context.input(i)));
  Dim count;
  const auto start = context.content(0);
  const auto limit = context.content(1);
  const auto delta = context.content(2);
  if (is_integer(dtype) && start && limit && delta && start->size() == 1 && limit->size() == 1 &&
      delta->size() == 1) {
    const Dim& step = (*delta)[0];
    context.check(!(step == Dim(0)), "expected a step other than 0");
    count = max(ceil_div((*limit)[0] - (*start)[0], step), 0);
    if (count.is_constant() && count.value() <= 64) {
      Dims values;
      for (std::int64_t i = 0; i < count.value(); ++i) values.push_back((*start)[0] + Dim(i) * step);
      context.set_content(0, std::move(values));
    }
  } else if (context.constant(0) && context.constant(1) && context.constant(2) && is_floating(dtype)) {
    const auto scalar = [&](std::size_t i) { return to_doubles(*context.constant(i)).at(0); };
    const double steps = std::ceil((scalar(1) - scalar(0)) / scalar(2));
    if (steps < 0x1p48) count = steps > 0 ? static_cast<std::int64_t>(steps) : 0;
  }
  context.set_output(0, dtype, Dims{count});
}

std::size_t checked_length(const ReferenceContext& context, double length) {
  context.check(length < 0x1p48, "its length, {}, is beyond all bounds", length);
  return length > 0 ? static_cast<std::size_t>(length) : 0;
}

void reference_range(ReferenceContext& context) {
  const DType dtype = context.dtype(0);
  if (is_integer(dtype)) {
    const std::int64_t start = context.integer_input(0, 0);
    const std::int64_t limit = context.integer_input(1, 0);
    const std::int64_t delta = context.integer_input(2, 0);
    context.check(delta != 0, "expected a step other than 0");
    const __int128 distance = static_cast<__int128>(limit) - start;
    const __int128 step = delta;
    const __int128 length = (distance + step - (step > 0 ? 1 : -1)) / step;
    std::vector<std::int64_t> values(checked_length(context, static_cast<double>(length)));
    for (std::size_t i = 0; i < values.size(); ++i)
      values[i] = static_cast<std::int64_t>(start + static_cast<__int128>(i) * step);
    return context.set_integers(0, dtype, {static_cast<std::int64_t>(values.size())}, values);
  }
  const double start = context.real_input(0, 0);
  const double delta = context.real_input(2, 0);
  const double length = std::ceil((context.real_input(1, 0) - start) / delta);
  context.check(delta != 0 && !std::isnan(length), "expected finite bounds and a step other than 0");
  std::vector<double> values(checked_length(context, length));
  for (std::size_t i = 0; i < values.size(); ++i) values[i] = start + static_cast<double>(i) * delta;
  context.set_doubles(0, dtype, {static_cast<std::int64_t>(values.size())}, values);
}

void infer_one_hot(InferContext& context) {
  std::optional<Dims> dims = context.dims(0);
  if (dims) {
    const std::size_t axis = context.axis(context.integer("axis"), dims->size() + 1);
    Dim depth;
    if (const auto content = context.content(1); content && content->size() == 1) {
      depth = (*content)[0];
    } else if (context.constant(1) != nullptr && context.constant(1)->element_count() == 1) {
      depth = to_ints(*context.constant(1))[0];
    }
    context.check(!depth.is_constant() || depth.value() >= 1, "expected a depth of 1 or more, got {}",
                  depth.text());
    dims->insert(dims->begin() + static_cast<std::ptrdiff_t>(axis), depth);
  }
  context.set_output(0, context.dtype(2), dims);
}

void reference_one_hot(ReferenceContext& context) {
  context.check(context.input(1).element_count() == 1, "expected one number as depth, got {}",
                text(context.input(1)));
  const std::int64_t depth = context.integer_input(1, 0);
  context.check(depth >= 1, "expected a depth of 1 or more, got {}", depth);
  context.check(context.input(2).element_count() == 2, "expected the values off and on, got {}",
                text(context.input(2)));
  const std::vector<std::int64_t> indices = context.integers(0);
  Shape shape = context.shape(0);
  const std::size_t axis = context.axis(context.integer("axis"), shape.size() + 1);
  const std::size_t inner = split_at(shape, axis).extent * split_at(shape, axis).inner;
  shape.insert(shape.begin() + static_cast<std::ptrdiff_t>(axis), depth);
  const auto is_on = [&](std::size_t i) {
    const std::size_t at = i / inner;  // of [outer, depth]
    const auto code = static_cast<std::int64_t>(at % static_cast<std::size_t>(depth));
    const std::int64_t index = indices[at / static_cast<std::size_t>(depth) * inner + i % inner];
    return std::int64_t{index == code || index == code - depth};
  };
  context.set_output(0, pick(context.input(2), shape, is_on));
}

void infer_identity(InferContext& context) {
  context.set_output(0, context.input(0));
  if (const auto content = context.content(0)) context.set_content(0, *content);
}

void reference_identity(ReferenceContext& context) {
  context.set_output(0, context.datum(0));
}

}  // namespace

std::vector<OpDef> constant() {
  using enum AttributeKind;
  constexpr TypeSet kFilled = types::kNumbers | types::kBool | types::kFloat8 | types::kPacked;
  constexpr TypeSet kEye = types::kNumbers | types::kBool;
  constexpr TypeSet kReal = TypeSet{DType::F32, DType::F64, DType::F16} | types::kInts;
  return {
      {.name = "Constant",
       .schema = {"-> output:T",
                  {{"T", types::kAll}},
                  {{"value", AttributeKind::Tensor},
                   {"sparse_value", Sparse},
                   {"value_float", Real},
                   {"value_floats", Reals},
                   {"value_int", Integer},
                   {"value_ints", Integers},
                   {"value_string", String},
                   {"value_strings", Strings}}},
       .infer = infer_constant,
       .reference = reference_constant,
       .cost = cost_of_view},
      {.name = "ConstantOfShape",
       .schema = {"input:i64 -> output:T2", {{"T2", kFilled}}, {{"value", AttributeKind::Tensor}}},
       .infer = infer_constant_of_shape,
       .reference = reference_constant_of_shape,
       .cost = cost_of_traffic},
      {.name = "EyeLike",
       .schema = {"input:T1 -> output:T2", {{"T1", kEye}, {"T2", kEye}}, {{"dtype", Integer}, {"k", 0}}},
       .infer = infer_eye_like,
       .reference = reference_eye_like,
       .cost = cost_of_move},
      {.name = "Range",
       .schema = {"start:T, limit:T, delta:T -> output:T",
                  {{"T", types::kFloats | TypeSet{DType::I16, DType::I32, DType::I64}}},
                  {{"stash_type", 1}}},
       .infer = infer_range,
       .reference = reference_range},
      {.name = "OneHot",
       .schema = {"indices:T1, depth:T2, values:T3 -> output:T3",
                  {{"T1", kReal}, {"T2", kReal}, {"T3", types::kClassic}},
                  {{"axis", -1}}},
       .infer = infer_one_hot,
       .reference = reference_one_hot,
       .cost = cost_of_traffic},
      {.name = "Identity",
       .schema = {"input:V -> output:V",
                  {{"V", types::kAll | sequences_of(types::kClassic) |
                             optionals_of(types::kClassic | sequences_of(types::kClassic))}}},
       .infer = infer_identity,
       .reference = reference_identity,
       .cost = cost_of_view},
  };
}

}  // namespace atlas::ops
