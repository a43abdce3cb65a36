// What Loop and Scan share: types carried round a body, and outputs collected over its runs.
#pragma once

#include "atlas/ops/infer_context.h"
#include "atlas/ops/reference_context.h"

namespace atlas {

/// Types of the body's outputs and, in `inputs`, of what it is given each time.
struct CarriedTypes {
  std::vector<Type> inputs;
  std::vector<Knowledge> outputs;
};

/// Infers attribute `body` where its outputs from the first on become, in the next run, its inputs
/// [first, first + count). Extents and ranks that a run changes become unknown. Throws InvalidArgument where
/// a run changes a type in another way.
CarriedTypes infer_carried(InferContext& context, std::vector<Type> inputs, std::size_t first,
                           std::size_t count);

/// The values of one scan output along a new axis, counted in the rank of the result. Where there are none,
/// an empty tensor of the type that is known for output `i` or in `body`, unknown extents taken as 0.
Tensor collected(const ReferenceContext& context, std::size_t i, const std::vector<Datum>& values,
                 std::int64_t axis, const Type& body);

}  // namespace atlas
