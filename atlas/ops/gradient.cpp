// Gradient (ai.onnx.preview.training): derivatives of a value that attribute 'y' names with respect to those
// that 'xs' names. It speaks of the graph around it, not of its inputs alone: a pass replaces it by nodes, so
// that it has no reference here.
#include "atlas/ops/families.h"
#include "atlas/ops/infer_context.h"

namespace atlas::ops {
namespace {

void infer_gradient(InferContext& context) {
  for (std::size_t i = 0; i < context.output_count() && i < context.input_count(); ++i)
    context.set_output(i, context.input(i));
}

}  // namespace

std::vector<OpDef> gradient() {
  return {
      {.domain = "ai.onnx.preview.training",
       .name = "Gradient",
       .schema = {"Inputs:T1** -> Outputs:T2**",
                  {{"T1", types::kPlain}, {"T2", {DType::F16, DType::F32, DType::F64}}},
                  {{"xs", AttributeKind::Strings, kRequired},
                   {"y", AttributeKind::String, kRequired},
                   {"zs", AttributeKind::Strings}}},
       .infer = infer_gradient},
  };
}

}  // namespace atlas::ops
