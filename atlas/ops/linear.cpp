// A linear layer and what stands behind it: MatMul, Add, Add and an activation in one node, which targets
// make.
#include "atlas/ops/by_decomposition.h"
#include "atlas/ops/cost_context.h"
#include "atlas/ops/families.h"
#include "atlas/ops/formula.h"
#include "atlas/ops/fused_activation.h"

namespace atlas::ops {
namespace {

// activation(X W + B + Z), with `rounds` as bfloat16
std::vector<ValueId> decompose_linear(DecomposeContext& context) {
  Formula f{context};
  const Attributes& given = context.node().attributes;
  const ValueId w = context.integer("transB") != 0 ? f.transpose(f.input(1), {1, 0}) : f.input(1);
  const bool is_f32 = context.type(0).dtype == DType::F32;
  const ValueId x = is_f32 ? f.input(0) : f.cast(f.input(0), DType::F32);
  ValueId y = f.add_given(f.add_given(f.op("MatMul", {x, w}), f.input(2)), f.input(3));
  y = activate(context, given.string("activation", ""), given.reals("activation_params"), y);
  return {context.integer("rounds") != 0 ? f.cast(y, DType::BF16) : y};
}

Cost cost_of_linear(const CostContext& context) {
  Cost cost = context.traffic();
  const double inner = static_cast<double>(context.input_shape(0).back());
  // And bias, residual, activation.
  cost.add_operations(context.input_dtype(0), (2 * inner + 3) * context.output_elements(0));
  return cost;
}

}  // namespace

std::vector<OpDef> linear() {
  OpDef op =
      contrib_op("Linear",
                 {"X:U, W:T, B?:T, Z?:T -> Y:R",
                  {{"T", {DType::F32}}, {"U", {DType::F32, DType::BF16}}, {"R", {DType::F32, DType::BF16}}},
                  {{"activation", AttributeKind::String},
                   {"activation_params", AttributeKind::Reals},
                   {"rounds", 0},
                   {"transB", 0}}},
                 decompose_linear);
  op.domain = "atlas";
  op.cost = cost_of_linear;
  return {op};
}

}  // namespace atlas::ops
