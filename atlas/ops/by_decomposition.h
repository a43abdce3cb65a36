// Operators defined by their decomposition alone: inference and reference follow from it.
#pragma once

#include "atlas/ops/decompose_context.h"
#include "atlas/ops/infer_context.h"
#include "atlas/ops/reference_context.h"

namespace atlas::ops {

/// Types that the decomposition's outputs get. Unknown where it needs to know more of the inputs.
void infer_by_decomposition(InferContext& context);

/// The decomposition, run by the references of its operators; every input is a constant there.
void reference_by_decomposition(ReferenceContext& context);

/// An operator of ONNX Runtime's domain with the two above.
OpDef contrib_op(std::string_view name, Schema schema, std::vector<ValueId> (*decompose)(DecomposeContext&));

}  // namespace atlas::ops
