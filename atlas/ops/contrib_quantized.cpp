// ONNX Runtime's operators on 8-bit numbers with scales and zero points.
#include "atlas/ops/by_decomposition.h"
#include "atlas/ops/cost_context.h"
#include "atlas/ops/families.h"
#include "atlas/ops/formula.h"

namespace atlas::ops {
namespace {

const TypeSet kBytes = {DType::I8, DType::U8};

// A scale or zero point of one element as a scalar; None stays None.
ValueId scalar_input(Formula& f, std::size_t input) {
  if (!f.context.has_input(input)) return ValueId::None;
  const auto& dims = f.context.type(input).dims;
  return dims && dims->empty() ? f.input(input) : f.reshape(f.input(input), std::vector<std::int64_t>{});
}

// Input `at` with the scale and zero point that follow it, as real numbers.
ValueId dequantized(Formula& f, std::size_t at) {
  return f.op("DequantizeLinear", {f.input(at), scalar_input(f, at + 1), scalar_input(f, at + 2)});
}

// `x` by the scale and zero point that inputs `at` and the next are; of type `dtype` where there is no zero
// point.
ValueId quantized(Formula& f, ValueId x, std::size_t at, DType dtype) {
  Attributes attributes;
  if (!f.context.has_input(at + 1)) attributes.set("output_dtype", static_cast<std::int64_t>(dtype));
  return f.op("QuantizeLinear", {x, scalar_input(f, at), scalar_input(f, at + 1)}, attributes);
}

std::vector<ValueId> paired(DecomposeContext& context, std::string_view name) {
  Formula f{context};
  const ValueId y = f.op(name, {dequantized(f, 0), dequantized(f, 3)});
  return {quantized(f, y, 6, context.type(0).dtype)};
}
std::vector<ValueId> decompose_add(DecomposeContext& context) {
  return paired(context, "Add");
}
std::vector<ValueId> decompose_mul(DecomposeContext& context) {
  return paired(context, "Mul");
}

// X, its scale and zero point, those of Y; attributes as of the standard's operator but for `dropped`.
std::vector<ValueId> through(DecomposeContext& context, std::string_view name,
                             std::initializer_list<const char*> dropped = {}) {
  Formula f{context};
  Attributes attributes = context.node().attributes;
  for (const char* attribute : dropped) attributes.erase(attribute);
  const ValueId y = f.op(name, {dequantized(f, 0)}, attributes);
  return {quantized(f, y, 3, context.type(0).dtype)};
}

std::vector<ValueId> decompose_leaky_relu(DecomposeContext& context) {
  return through(context, "LeakyRelu");
}
std::vector<ValueId> decompose_sigmoid(DecomposeContext& context) {
  return through(context, "Sigmoid");
}

// Before opset 13 the axes from `axis` on counted as one.
std::vector<ValueId> decompose_softmax(DecomposeContext& context) {
  if (context.integer("opset") >= 13) return through(context, "Softmax", {"opset"});
  Formula f{context};
  const ValueId flat = f.op("Flatten", {dequantized(f, 0)}, {{"axis", context.integer("axis")}});
  const ValueId y = f.reshape(f.op("Softmax", {flat}), f.dims(f.input(0), 0));
  return {quantized(f, y, 3, context.type(0).dtype)};
}

// Pooling with the channels where attribute `channels_last` says.
std::vector<ValueId> pooled(DecomposeContext& context, std::string_view name) {
  if (context.integer("channels_last") == 0) return through(context, name, {"channels_last"});
  if (!context.type(0).dims || context.type(0).dims->size() < 3) return {};
  Formula f{context};
  Attributes attributes = context.node().attributes;
  attributes.erase("channels_last");
  const std::size_t rank = context.type(0).dims->size();
  const ValueId x = f.transpose(dequantized(f, 0), channels_first(rank));
  const ValueId y = f.transpose(f.op(name, {x}, attributes), channels_last(rank));
  return {quantized(f, y, 3, context.type(0).dtype)};
}
std::vector<ValueId> decompose_average_pool(DecomposeContext& context) {
  return pooled(context, "AveragePool");
}
std::vector<ValueId> decompose_global_average_pool(DecomposeContext& context) {
  return pooled(context, "GlobalAveragePool");
}

// With the channels of the image where attribute `channels_last` says.
std::vector<ValueId> decompose_conv(DecomposeContext& context) {
  Formula f{context};
  Attributes attributes = context.node().attributes;
  attributes.erase("channels_last");
  std::vector<ValueId> inputs = context.node().inputs;
  if (context.integer("channels_last") == 0) return {f.op("QLinearConv", inputs, attributes)};
  if (!context.type(0).dims || context.type(0).dims->size() < 3) return {};
  const std::size_t rank = context.type(0).dims->size();
  inputs[0] = f.transpose(inputs[0], channels_first(rank));
  return {f.transpose(f.op("QLinearConv", inputs, attributes), channels_last(rank))};
}

std::vector<ValueId> decompose_concat(DecomposeContext& context) {
  Formula f{context};
  std::vector<ValueId> parts;
  for (std::size_t i = 2; i + 2 < context.node().inputs.size(); i += 3) parts.push_back(dequantized(f, i));
  if (parts.empty()) return {};
  return {quantized(f, f.concat(parts, context.integer("axis")), 0, DType::U8)};
}

std::vector<ValueId> decompose_where(DecomposeContext& context) {
  Formula f{context};
  const ValueId chosen = f.op("Where", {f.input(0), dequantized(f, 1), dequantized(f, 4)});
  return {quantized(f, chosen, 7, context.type(1).dtype)};
}

// Integer sums by the scale of both factors, plus a bias.
ValueId scaled(Formula& f, ValueId sums, ValueId scale, ValueId bias) {
  return f.add_given(f.mul(f.cast(sums, DType::F32), scale), bias);
}

std::vector<ValueId> decompose_dynamic_matmul(DecomposeContext& context) {
  Formula f{context};
  const std::vector<ValueId> a = f.builder.ops("DynamicQuantizeLinear", {f.input(0)}, 3);
  return {f.op("com.microsoft::MatMulIntegerToFloat",
               {a[0], f.input(1), a[1], f.input(2), a[2], f.input(3), f.input(4)})};
}

std::vector<ValueId> decompose_matmul_to_float(DecomposeContext& context) {
  Formula f{context};
  const ValueId sums = f.op("MatMulInteger", {f.input(0), f.input(1), f.input(4), f.input(5)});
  return {scaled(f, sums, f.mul(f.input(2), f.input(3)), f.input(6))};
}

// alpha (A - a_zero)(B - b_zero) a_scale b_scale + C, C in steps of alpha a_scale b_scale; real numbers where
// no y_scale is given.
std::vector<ValueId> decompose_qgemm(DecomposeContext& context) {
  Formula f{context};
  const auto factor = [&](std::size_t input, const char* flag) {
    return context.integer(flag) != 0 ? f.transpose(f.input(input), {1, 0}) : f.input(input);
  };
  const ValueId product =
      f.op("MatMulInteger", {factor(0, "transA"), factor(3, "transB"), f.input(2), f.input(5)});
  const ValueId scale = f.mul(f.mul(f.input(1), f.input(4)), f.builder.scalar(context.real("alpha")));
  const ValueId y = scaled(f, f.add_given(product, f.input(6)), scale, ValueId::None);
  if (!context.has_input(7)) return {y};
  return {quantized(f, y, 7, context.type(0).dtype)};
}

std::vector<ValueId> decompose_quantize(DecomposeContext& context) {
  const Attributes axis = {{"axis", context.integer("axis")}};
  return {
      context.builder().op("QuantizeLinear", {context.input(0), context.input(1), context.input(2)}, axis)};
}
std::vector<ValueId> decompose_dequantize(DecomposeContext& context) {
  const Attributes axis = {{"axis", context.integer("axis")}};
  return {
      context.builder().op("DequantizeLinear", {context.input(0), context.input(1), context.input(2)}, axis)};
}

// Weights [out channels, in channels of a group, kernel...].
Cost cost_conv(const CostContext& context) {
  Cost cost = context.traffic();
  const std::vector<std::int64_t> weights = context.input_shape(3);
  double per_output = 1;
  for (std::size_t i = 1; i < weights.size(); ++i) per_output *= static_cast<double>(weights[i]);
  cost.add_operations(context.input_dtype(0), 2 * per_output * context.output_elements(0));
  return cost;
}

Cost cost_product(const CostContext& context) {
  Cost cost = context.traffic();
  const std::vector<std::int64_t> a = context.input_shape(0);
  const std::int64_t inner = context.integer("transA") != 0 ? a.front() : a.back();
  cost.add_operations(context.input_dtype(0), 2 * static_cast<double>(inner) * context.output_elements(0));
  return cost;
}

OpDef with_cost(OpDef op, Cost (*cost)(const CostContext&)) {
  op.cost = cost;
  return op;
}

OpDef unary(std::string_view name, std::vector<ValueId> (*decompose)(DecomposeContext&),
            std::initializer_list<AttributeSpec> attributes = {}) {
  return contrib_op(
      name,
      {"X:T, X_scale:f32, X_zero_point?:T, Y_scale:f32, Y_zero_point?:T -> Y:T", {{"T", kBytes}}, attributes},
      decompose);
}

OpDef binary(std::string_view name, std::vector<ValueId> (*decompose)(DecomposeContext&)) {
  return contrib_op(name,
                    {"A:T, A_scale:f32, A_zero_point?:T, B:T, B_scale:f32, B_zero_point?:T, C_scale:f32, "
                     "C_zero_point?:T -> C:T",
                     {{"T", kBytes}}},
                    decompose);
}

}  // namespace

std::vector<OpDef> contrib_quantized() {
  const TypeSet quantised = kBytes | TypeSet{DType::I16, DType::U16, DType::I4, DType::U4};
  const TypeSet reals = {DType::F32, DType::F16};
  return {
      contrib_op("DequantizeLinear",
                 {"x:T1, x_scale:T2, x_zero_point?:T1 -> y:T2",
                  {{"T1", quantised | TypeSet{DType::I32}}, {"T2", reals}},
                  {{"axis", 1}}},
                 decompose_dequantize),
      contrib_op("DynamicQuantizeMatMul",
                 {"A:f32, B:T2, b_scale:f32, b_zero_point?:T2, bias?:f32 -> Y:f32", {{"T2", kBytes}}},
                 decompose_dynamic_matmul),
      with_cost(
          contrib_op(
              "MatMulIntegerToFloat",
              {"A:T1, B:T2, a_scale:f32, b_scale:f32, a_zero_point?:T1, b_zero_point?:T2, bias?:f32 -> Y:f32",
               {{"T1", kBytes}, {"T2", kBytes}}},
              decompose_matmul_to_float),
          cost_product),
      with_cost(
          contrib_op("QGemm",
                     {"A:TA, a_scale:f32, a_zero_point:TA, B:TB, b_scale:f32, b_zero_point:TB, C?:i32, "
                      "y_scale?:f32, y_zero_point?:TYZ -> Y:TY",
                      {{"TA", kBytes}, {"TB", kBytes}, {"TYZ", kBytes}, {"TY", kBytes | TypeSet{DType::F32}}},
                      {{"alpha", 1.0f}, {"transA", 0}, {"transB", 0}}},
                     decompose_qgemm),
          cost_product),
      binary("QLinearAdd", decompose_add),
      unary("QLinearAveragePool", decompose_average_pool,
            {{"auto_pad", "NOTSET"},
             {"ceil_mode", 0},
             {"channels_last", 0},
             {"count_include_pad", 0},
             {"kernel_shape", AttributeKind::Integers, kRequired},
             {"pads", AttributeKind::Integers},
             {"strides", AttributeKind::Integers}}),
      contrib_op("QLinearConcat",
                 {"Y_scale:f32, Y_zero_point:T, inputs:TV** -> Y:T",
                  {{"T", kBytes}, {"TV", kBytes | TypeSet{DType::F32}}},
                  {{"axis", AttributeKind::Integer, kRequired}}},
                 decompose_concat),
      with_cost(
          contrib_op("QLinearConv",
                     {"x:T1, x_scale:f32, x_zero_point:T1, w:T2, w_scale:f32, w_zero_point:T2, y_scale:f32, "
                      "y_zero_point:T3, B?:i32 -> y:T3",
                      {{"T1", kBytes}, {"T2", kBytes}, {"T3", kBytes}},
                      {{"auto_pad", "NOTSET"},
                       {"channels_last", 0},
                       {"dilations", AttributeKind::Integers},
                       {"group", 1},
                       {"kernel_shape", AttributeKind::Integers},
                       {"pads", AttributeKind::Integers},
                       {"strides", AttributeKind::Integers}}},
                     decompose_conv),
          cost_conv),
      unary("QLinearGlobalAveragePool", decompose_global_average_pool, {{"channels_last", 0}}),
      unary("QLinearLeakyRelu", decompose_leaky_relu, {{"alpha", 0.01f}}),
      binary("QLinearMul", decompose_mul),
      unary("QLinearSigmoid", decompose_sigmoid),
      unary("QLinearSoftmax", decompose_softmax,
            {{"axis", -1}, {"opset", AttributeKind::Integer, kRequired}}),
      contrib_op("QLinearWhere",
                 {"condition:bool, X:T, x_scale:f32, x_zero_point:T, Y:T, y_scale:f32, y_zero_point:T, "
                  "z_scale:f32, z_zero_point:T -> Z:T",
                  {{"T", kBytes}}},
                 decompose_where),
      contrib_op(
          "QuantizeLinear",
          {"x:T1, y_scale:T1, y_zero_point?:T2 -> y:T2", {{"T1", reals}, {"T2", quantised}}, {{"axis", 1}}},
          decompose_quantize),
  };
}

}  // namespace atlas::ops
