// Linear quantisation and its inverse: per tensor, per axis, or per block along an axis.
#include <algorithm>
#include <array>
#include <cmath>

#include "atlas/ops/decompose_context.h"
#include "atlas/ops/families.h"
#include "atlas/ops/infer_context.h"
#include "atlas/ops/reference_context.h"

namespace atlas::ops {
namespace {

constexpr TypeSet kQuantized = {DType::I8,       DType::U8,         DType::I16,    DType::U16,
                                DType::F8E4M3FN, DType::F8E4M3FNUZ, DType::F8E5M2, DType::F8E5M2FNUZ,
                                DType::U4,       DType::I4,         DType::F4E2M1, DType::U2,
                                DType::I2};
constexpr TypeSet kReal = {DType::F32, DType::F16, DType::BF16};

// The type that attribute `name` gives, Undefined where it is 0.
template <typename Context>
DType dtype_attribute(const Context& context, const char* name, const TypeSet& accepted) {
  const std::int64_t number = context.integer(name);
  if (number == 0) return DType::Undefined;
  context.check(is_dtype(number) && accepted.accepts(Type::tensor(static_cast<DType>(number))),
                "attribute '{}' is {}, which is not the number of a type it takes", name, number);
  return static_cast<DType>(number);
}

// For each element of input 0, the element of the scale (input 1) that belongs to it.
std::vector<std::size_t> scale_indices(const ReferenceContext& context) {
  const Shape& shape = context.shape(0);
  const Shape& scale = context.shape(1);
  std::vector<std::size_t> out(element_count(shape), 0);
  if (element_count(scale) == 1) return out;

  const std::size_t axis = context.axis(context.integer("axis"), shape.size());
  const std::int64_t block = context.integer("block_size");
  const std::int64_t length = shape[axis];
  Shape expected = {length};
  if (block != 0) {
    context.check(block > 0, "expected attribute 'block_size' to be positive, got {}", block);
    expected = shape;
    expected[axis] = length / block + (length % block != 0);
  }
  context.check(scale == expected, "expected a scale of shape {}, got {}", text(expected), text(scale));

  const std::size_t outer = element_count({shape.data(), axis});
  const std::size_t inner = element_count({shape.data() + axis + 1, shape.size() - axis - 1});
  const auto scales = block != 0 ? static_cast<std::size_t>(expected[axis]) : 0;
  std::size_t at = 0;
  for (std::size_t i = 0; i < outer; ++i)
    for (std::int64_t k = 0; k < length; ++k)
      for (std::size_t j = 0; j < inner; ++j)
        out[at++] = block != 0 ? (i * scales + static_cast<std::size_t>(k / block)) * inner + j
                               : static_cast<std::size_t>(k);
  return out;
}

// The zero points, one for each scale; zeros where there are none.
std::vector<double> zero_points(const ReferenceContext& context) {
  if (!context.has_input(2)) return std::vector<double>(context.input(1).element_count(), 0);
  context.check(context.shape(2) == context.shape(1) ||
                    context.input(1).element_count() * context.input(2).element_count() == 1,
                "expected a zero point of shape {} as the scale, got {}", text(context.shape(1)),
                text(context.shape(2)));
  return context.doubles(2);
}

template <typename Context>
DType quantized_type(const Context& context, DType zero_point) {
  const DType given = dtype_attribute(context, "output_dtype", kQuantized);
  context.check(given == DType::Undefined || zero_point == DType::Undefined || given == zero_point,
                "attribute 'output_dtype' says {}, the zero point is {}", name(given), name(zero_point));
  if (zero_point != DType::Undefined) return zero_point;
  return given != DType::Undefined ? given : DType::U8;
}

void infer_quantize(InferContext& context) {
  const bool is_open = context.has_input(2) && context.dtype(2) == DType::Undefined;
  const DType dtype = quantized_type(context, context.dtype(2));
  context.set_output(0, is_open ? DType::Undefined : dtype, context.dims(0));
}

// The division is done in the type of the scale unless attribute 'precision' says otherwise.
DType division_type(const ReferenceContext& context) {
  const DType given = dtype_attribute(context, "precision", kReal);
  if (given != DType::Undefined) return given;
  const DType scale = context.dtype(1);
  return kReal.accepts(Type::tensor(scale)) ? scale : DType::F32;
}

void rounded_to(DType dtype, std::vector<double>& values) {
  values = to_doubles(from_doubles(dtype, {static_cast<std::int64_t>(values.size())}, values));
}

// Least and greatest value of an integer type of up to 16 bits.
std::pair<double, double> range(DType dtype) {
  const double count = std::ldexp(1.0, bits(dtype));
  return is_signed_integer(dtype) ? std::pair(-count / 2, count / 2 - 1) : std::pair(0.0, count - 1);
}

void reference_quantize(ReferenceContext& context) {
  const DType to = quantized_type(context, context.has_input(2) ? context.dtype(2) : DType::Undefined);
  const DType division = division_type(context);
  const std::vector<std::size_t> at = scale_indices(context);
  const std::vector<double> scales = context.doubles(1);
  const std::vector<double> zeros = zero_points(context);
  std::vector<double> values = context.doubles(0);
  rounded_to(division, values);
  for (std::size_t i = 0; i < values.size(); ++i) values[i] /= scales[at[i]];
  rounded_to(division, values);
  if (!is_integer(to)) {
    for (std::size_t i = 0; i < values.size(); ++i) values[i] += zeros[at[i]];
    return context.set_output(0,
                              from_doubles(to, context.shape(0), values, context.integer("saturate") != 0));
  }
  const auto [low, high] = range(to);
  for (std::size_t i = 0; i < values.size(); ++i)
    values[i] = std::clamp(std::nearbyint(values[i]) + zeros[at[i]], low, high);
  context.set_doubles(0, to, context.shape(0), values);
}

template <typename Context>
DType dequantized_type(const Context& context, DType scale) {
  const DType given = dtype_attribute(context, "output_dtype", kReal);
  if (given != DType::Undefined) return given;
  context.check(scale != DType::F8E8M0, "expected attribute 'output_dtype' for a scale of type {}",
                name(scale));
  return scale;
}

void infer_dequantize(InferContext& context) {
  context.set_output(0, dequantized_type(context, context.dtype(1)), context.dims(0));
}

void reference_dequantize(ReferenceContext& context) {
  const DType to = dequantized_type(context, context.dtype(1));
  const std::vector<std::size_t> at = scale_indices(context);
  const std::vector<double> scales = context.doubles(1);
  const std::vector<double> zeros = zero_points(context);
  std::vector<double> values = context.doubles(0);
  for (std::size_t i = 0; i < values.size(); ++i) values[i] = (values[i] - zeros[at[i]]) * scales[at[i]];
  context.set_doubles(0, to, context.shape(0), values);
}

void infer_dynamic_quantize(InferContext& context) {
  context.set_output(0, DType::U8, context.dims(0));
  context.set_output(1, DType::F32, Dims{});
  context.set_output(2, DType::U8, Dims{});
}

// In float throughout: ties between two steps depend on the rounding of each operation.
void reference_dynamic_quantize(ReferenceContext& context) {
  const auto x = context.input(0).values<float>();
  float low = 0;
  float high = 0;
  for (const float value : x) {
    low = std::min(low, value);
    high = std::max(high, value);
  }
  const float scale = (high == low ? 1.0f : high - low) / 255.0f;
  const float zero = std::nearbyint(std::clamp(0.0f - low / scale, 0.0f, 255.0f));
  std::vector<double> out;
  for (const float value : x) out.push_back(std::clamp(std::nearbyint(value / scale) + zero, 0.0f, 255.0f));
  context.set_doubles(0, DType::U8, context.shape(0), out);
  context.set_output(1, Tensor::scalar(scale));
  context.set_doubles(2, DType::U8, {}, std::array{static_cast<double>(zero)});
}

std::vector<ValueId> decompose_dynamic_quantize(DecomposeContext& context) {
  GraphBuilder& builder = context.builder();
  const ValueId x = context.input(0);
  const Attributes all = {{"keepdims", std::int64_t{0}}};
  const ValueId zero = builder.scalar(0);
  const ValueId largest = builder.scalar(255);
  const ValueId low = builder.op("Min", {builder.op("ReduceMin", {x}, all), zero});
  const ValueId high = builder.op("Max", {builder.op("ReduceMax", {x}, all), zero});
  const ValueId scale = builder.op("Div", {builder.op("Sub", {high, low}), largest});
  const ValueId start = builder.op("Sub", {zero, builder.op("Div", {low, scale})});
  const ValueId rounded = builder.op("Round", {builder.op("Clip", {start, zero, largest})});
  const ValueId zero_point = builder.op("Cast", {rounded}, {{"to", static_cast<std::int64_t>(DType::U8)}});
  return {builder.op("QuantizeLinear", {x, scale, zero_point}), scale, zero_point};
}

}  // namespace

std::vector<OpDef> quantize() {
  return {
      {.name = "DequantizeLinear",
       .schema = {"x:T1, x_scale:T2, x_zero_point?:T1 -> y:T3",
                  {{"T1", kQuantized | TypeSet{DType::I32}},
                   {"T2", kReal | TypeSet{DType::F8E8M0}},
                   {"T3", kReal}},
                  {{"axis", 1}, {"block_size", 0}, {"output_dtype", 0}}},
       .infer = infer_dequantize,
       .reference = reference_dequantize},
      {.name = "DynamicQuantizeLinear",
       .schema = {"x:f32 -> y:u8, y_scale:f32, y_zero_point:u8", {}},
       .infer = infer_dynamic_quantize,
       .reference = reference_dynamic_quantize,
       .decompose = decompose_dynamic_quantize},
      {.name = "QuantizeLinear",
       .schema = {"x:T1, y_scale:T2, y_zero_point?:T3 -> y:T3",
                  {{"T1", kReal | TypeSet{DType::I32}},
                   {"T2", kReal | TypeSet{DType::I32, DType::F8E8M0}},
                   {"T3", kQuantized}},
                  {{"axis", 1}, {"block_size", 0}, {"output_dtype", 0}, {"precision", 0}, {"saturate", 1}}},
       .infer = infer_quantize,
       .reference = reference_quantize},
  };
}

}  // namespace atlas::ops
