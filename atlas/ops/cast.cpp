// Change of element type: by value, or by reading the same bits anew.
#include <cstring>

#include "atlas/ops/decompose_context.h"
#include "atlas/ops/families.h"
#include "atlas/ops/infer_context.h"
#include "atlas/ops/number_text.h"
#include "atlas/ops/reference_context.h"

namespace atlas::ops {
namespace {

constexpr TypeSet kCastable =
    types::kNumbers | types::kBool | types::kString | types::kFloat8 | types::kPacked;
constexpr TypeSet kBitCastable =
    types::kNumbers | types::kBool | types::kComplex | types::kFloat8 | types::kPacked;

template <typename Context>
DType target_type(const Context& context, const TypeSet& accepted) {
  const std::int64_t to = context.integer("to");
  context.check(is_dtype(to) && accepted.accepts(Type::tensor(static_cast<DType>(to))),
                "attribute 'to' is {}, which is not the number of an element type it takes", to);
  return static_cast<DType>(to);
}

template <typename Context>
Rounding rounding_of(const Context& context) {
  const std::string mode = context.string("round_mode");
  context.check(mode == "up" || mode == "down" || mode == "nearest",
                "expected up, down or nearest as attribute 'round_mode', got '{}'", mode);
  return mode == "up" ? Rounding::Up : mode == "down" ? Rounding::Down : Rounding::NearestEven;
}

bool is_whole(DType dtype) {
  return is_integer(dtype) || dtype == DType::Bool;
}

Tensor to_strings(const Tensor& input) {
  Tensor out(DType::String, input.shape());
  const auto strings = out.values_mutable<std::string>();
  if (is_floating(input.dtype())) {
    const std::vector<double> values = to_doubles(input);
    for (std::size_t i = 0; i < values.size(); ++i) strings[i] = number_text(values[i], input.dtype());
    return out;
  }
  const std::vector<std::int64_t> values = to_ints(input);
  for (std::size_t i = 0; i < values.size(); ++i) {
    if (input.dtype() == DType::Bool) {
      strings[i] = values[i] != 0 ? "True" : "False";
    } else {
      strings[i] = input.dtype() == DType::U64 ? std::to_string(static_cast<std::uint64_t>(values[i]))
                                               : std::to_string(values[i]);
    }
  }
  return out;
}

// "True" and "False" are what Bool is cast to, and are numbers for that reason.
std::string_view without_words(std::string_view text) {
  return text == "True" ? "1" : text == "False" ? "0" : text;
}

// `values` as wide numbers, each read by `parse`.
template <typename T>
std::vector<T> parsed(const ReferenceContext& context, std::optional<T> (*parse)(std::string_view)) {
  std::vector<T> out;
  for (const std::string& text : context.input(0).values<std::string>()) {
    const std::optional<T> value = parse(without_words(text));
    context.check(value.has_value(), "string '{}' is no number", text);
    out.push_back(*value);
  }
  return out;
}

// 64-bit integers to f32 in one rounding, which by way of double would be two.
template <typename T>
Tensor to_f32(const Tensor& input) {
  const auto values = input.values<T>();
  Tensor out(DType::F32, input.shape());
  std::copy(values.begin(), values.end(), out.values_mutable<float>().begin());
  return out;
}

void cast_to(ReferenceContext& context, DType to) {
  const Tensor& input = context.input(0);
  const DType from = input.dtype();
  const bool saturate = context.integer("saturate") != 0;
  const Rounding rounding = rounding_of(context);
  const auto from_reals = [&](const std::vector<double>& values) {
    context.set_output(0, from_doubles(to, input.shape(), values, saturate, rounding));
  };
  if (from == to) {
    context.set_output(0, input);
  } else if (to == DType::String) {
    context.set_output(0, to_strings(input));
  } else if (from == DType::String) {
    if (is_integer(to)) return context.set_integers(0, to, input.shape(), parsed(context, parse_integer));
    from_reals(parsed(context, parse_real));
  } else if (is_whole(from) && is_whole(to)) {
    context.set_integers(0, to, input.shape(), context.integers(0));
  } else if (to == DType::F32 && (from == DType::I64 || from == DType::U64)) {
    context.set_output(0, from == DType::I64 ? to_f32<std::int64_t>(input) : to_f32<std::uint64_t>(input));
  } else {
    from_reals(context.doubles(0));
  }
}

void infer_cast_to(InferContext& context, DType to) {
  rounding_of(context);
  context.set_output(0, to, context.dims(0));
  // Narrower types would cut sizes off.
  const std::optional<Dims> content = context.content(0);
  if (content && is_integer(to) && bits(to) >= 32) context.set_content(0, *content);
}

void infer_cast(InferContext& context) {
  infer_cast_to(context, target_type(context, kCastable));
}
void reference_cast(ReferenceContext& context) {
  cast_to(context, target_type(context, kCastable));
}

void infer_cast_like(InferContext& context) {
  infer_cast_to(context, context.dtype(1));
}
void reference_cast_like(ReferenceContext& context) {
  cast_to(context, context.dtype(1));
}

std::vector<ValueId> decompose_cast_like(DecomposeContext& context) {
  const DType to = context.type(1).dtype;
  if (to == DType::Undefined) return {};
  Attributes attributes = {{"to", static_cast<std::int64_t>(to)}};
  for (const char* name : {"saturate", "round_mode"}) attributes.set(name, *context.attribute(name));
  return {context.builder().op("Cast", {context.input(0)}, std::move(attributes))};
}

template <typename Context>
DType same_width_target(const Context& context, DType from) {
  const DType to = target_type(context, kBitCastable);
  context.check(from == DType::Undefined || bits(from) == bits(to),
                "expected a type of {} bits as attribute 'to', got {}", bits(from), name(to));
  return to;
}

void infer_bit_cast(InferContext& context) {
  context.set_output(0, same_width_target(context, context.dtype(0)), context.dims(0));
}

void reference_bit_cast(ReferenceContext& context) {
  const Tensor& input = context.input(0);
  const DType to = same_width_target(context, input.dtype());
  // A bool of neither 0 nor 1 is not to exist.
  if (to == DType::Bool)
    return context.set_integers(
        0, to, input.shape(),
        to_ints(Tensor(DType::U8, input.shape(), input.buffer(), input.offset_bytes())));
  context.set_output(0, Tensor(to, input.shape(), input.buffer(), input.offset_bytes()));
}

}  // namespace

std::vector<OpDef> cast() {
  return {
      {.name = "BitCast",
       .schema = {"input:T1 -> output:T2",
                  {{"T1", kBitCastable}, {"T2", kBitCastable}},
                  {{"to", AttributeKind::Integer, kRequired}}},
       .infer = infer_bit_cast,
       .reference = reference_bit_cast},
      {.name = "Cast",
       .schema = {"input:T1 -> output:T2",
                  {{"T1", kCastable}, {"T2", kCastable}},
                  {{"round_mode", "up"}, {"saturate", 1}, {"to", AttributeKind::Integer, kRequired}}},
       .infer = infer_cast,
       .reference = reference_cast},
      {.name = "CastLike",
       .schema = {"input:T1, target_type:T2 -> output:T2",
                  {{"T1", kCastable}, {"T2", kCastable}},
                  {{"round_mode", "up"}, {"saturate", 1}}},
       .infer = infer_cast_like,
       .reference = reference_cast_like,
       .decompose = decompose_cast_like},
  };
}

}  // namespace atlas::ops
