// ONNX Runtime's forms of Gelu.
#include "atlas/ops/by_decomposition.h"
#include "atlas/ops/families.h"
#include "atlas/ops/formula.h"

namespace atlas::ops {
namespace {

const Attributes kByTanh = {{"approximate", std::string("tanh")}};

std::vector<ValueId> decompose_gelu(DecomposeContext& context) {
  return {context.builder().op("Gelu", {context.input(0)})};
}

std::vector<ValueId> decompose_bias_gelu(DecomposeContext& context) {
  Formula f{context};
  return {f.op("Gelu", {f.add(f.input(0), f.input(1))})};
}

std::vector<ValueId> decompose_fast_gelu(DecomposeContext& context) {
  Formula f{context};
  return {f.op("Gelu", {f.add_given(f.input(0), f.input(1))}, kByTanh)};
}

std::vector<ValueId> decompose_quick_gelu(DecomposeContext& context) {
  return {context.builder().op("Swish", {context.input(0)}, {{"alpha", context.real("alpha")}})};
}

}  // namespace

std::vector<OpDef> contrib_activations() {
  return {
      contrib_op("BiasGelu", {"A:T, B:T -> C:T", {{"T", types::kFloats}}}, decompose_bias_gelu),
      contrib_op("FastGelu", {"X:T, bias?:T -> Y:T", {{"T", types::kFloats}}}, decompose_fast_gelu),
      contrib_op("Gelu", {"X:T -> Y:T", {{"T", types::kFloats}}}, decompose_gelu),
      contrib_op("QuickGelu", {"X:T -> Y:T", {{"T", types::kFloats}}, {{"alpha", 1.702f}}},
                 decompose_quick_gelu),
  };
}

}  // namespace atlas::ops
