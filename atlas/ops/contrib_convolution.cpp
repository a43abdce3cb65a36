// ONNX Runtime's convolution with a residual and an activation.
#include "atlas/ops/by_decomposition.h"
#include "atlas/ops/cost_context.h"
#include "atlas/ops/families.h"
#include "atlas/ops/fused_activation.h"

namespace atlas::ops {
namespace {

// activation(Conv(X, W, B) + Z)
std::vector<ValueId> decompose_fused_conv(DecomposeContext& context) {
  Attributes attributes = context.node().attributes;
  const std::string activation = attributes.string("activation", "");
  const std::vector<float> parameters = attributes.reals("activation_params");
  attributes.erase("activation");
  attributes.erase("activation_params");
  GraphBuilder& builder = context.builder();
  ValueId y = builder.op("Conv", {context.input(0), context.input(1), context.input(2)}, attributes);
  if (context.has_input(3)) y = builder.op("Add", {y, context.input(3)});
  return {activate(context, activation, parameters, y)};
}

Cost cost_fused_conv(const CostContext& context) {
  Cost cost = context.traffic();
  const std::vector<std::int64_t> weights = context.input_shape(1);
  double taps = 1;
  for (std::size_t i = 1; i < weights.size(); ++i) taps *= static_cast<double>(weights[i]);
  const double per_output = 2 * taps + 3;  // and bias, residual, activation
  cost.add_operations(context.input_dtype(0), per_output * context.output_elements(0));
  return cost;
}

}  // namespace

std::vector<OpDef> contrib_convolution() {
  OpDef fused_conv = contrib_op("FusedConv",
                                {"X:T, W:T, B?:T, Z?:T -> Y:T",
                                 {{"T", {DType::F32, DType::F64, DType::F16}}},
                                 {{"activation", AttributeKind::String},
                                  {"activation_params", AttributeKind::Reals},
                                  {"auto_pad", "NOTSET"},
                                  {"dilations", AttributeKind::Integers},
                                  {"group", 1},
                                  {"kernel_shape", AttributeKind::Integers},
                                  {"pads", AttributeKind::Integers},
                                  {"strides", AttributeKind::Integers}}},
                                decompose_fused_conv);
  fused_conv.cost = cost_fused_conv;
  return {fused_conv};
}

}  // namespace atlas::ops
