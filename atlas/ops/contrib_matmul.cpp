// ONNX Runtime's products of matrices with transposition, scale and activation.
#include <algorithm>
#include <numeric>

#include "atlas/ops/by_decomposition.h"
#include "atlas/ops/families.h"
#include "atlas/ops/formula.h"
#include "atlas/ops/fused_activation.h"

namespace atlas::ops {
namespace {

// A factor as MatMul wants it. `batch`: its first axis, the rows, stands before those of the batch.
ValueId oriented(Formula& f, std::size_t input, bool rows, bool batch) {
  const std::size_t rank = f.context.type(input).dims->size();
  if (rank < 2 || (!rows && !batch)) return f.input(input);
  std::vector<std::int64_t> order(rank);
  std::iota(order.begin(), order.end(), 0);
  if (batch) std::rotate(order.begin(), order.begin() + 1, order.end() - 1);
  if (rows) std::swap(order[rank - 2], order[rank - 1]);
  return f.transpose(f.input(input), order);
}

std::vector<ValueId> decompose_fused_matmul(DecomposeContext& context) {
  if (!context.type(0).dims || !context.type(1).dims) return {};
  Formula f{context};
  const ValueId product =
      f.op("MatMul", {oriented(f, 0, context.integer("transA") != 0, context.integer("transBatchA") != 0),
                      oriented(f, 1, context.integer("transB") != 0, context.integer("transBatchB") != 0)});
  const float alpha = context.real("alpha");
  return {alpha == 1 ? product : f.mul(product, f.number(alpha))};
}

std::vector<ValueId> decompose_fused_gemm(DecomposeContext& context) {
  const Attributes& given = context.node().attributes;
  const std::string name = given.string("activation", "");
  std::vector<float> parameters;
  if (name == "LeakyRelu") parameters = {given.real("activation_alpha", 0.01f)};
  if (name == "HardSigmoid")
    parameters = {given.real("activation_alpha", 0.2f), given.real("activation_beta", 0.5f)};
  const ValueId product = context.builder().op("Gemm", {context.input(0), context.input(1), context.input(2)},
                                               {{"alpha", context.real("alpha")},
                                                {"beta", context.real("beta")},
                                                {"transA", context.integer("transA")},
                                                {"transB", context.integer("transB")}});
  return {activate(context, name, parameters, product)};
}

}  // namespace

std::vector<OpDef> contrib_matmul() {
  const TypeSet floats = {DType::F32, DType::F64, DType::F16, DType::BF16};
  return {
      contrib_op("FusedGemm",
                 {"A:T, B:T, C?:T -> Y:T",
                  {{"T", floats | types::kIndices | TypeSet{DType::U32, DType::U64}}},
                  {{"activation", AttributeKind::String},
                   {"activation_alpha", AttributeKind::Real},
                   {"activation_beta", AttributeKind::Real},
                   {"activation_gamma", AttributeKind::Real},
                   {"alpha", 1.0f},
                   {"beta", 1.0f},
                   {"transA", 0},
                   {"transB", 0}}},
                 decompose_fused_gemm),
      contrib_op("FusedMatMul",
                 {"A:T, B:T -> Y:T",
                  {{"T", floats}},
                  {{"alpha", 1.0f}, {"transA", 0}, {"transB", 0}, {"transBatchA", 0}, {"transBatchB", 0}}},
                 decompose_fused_matmul),
  };
}

}  // namespace atlas::ops
