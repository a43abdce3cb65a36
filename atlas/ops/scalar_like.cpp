// A constant where the type is known.
#include "atlas/ops/scalar_like.h"

#include <array>

#include "atlas/tensor/elements.h"

namespace atlas {

ValueId scalar_like(DecomposeContext& context, std::size_t i, double value) {
  GraphBuilder& builder = context.builder();
  const DType dtype = context.type(i).dtype;
  if (dtype == DType::Undefined)
    return builder.op("CastLike", {builder.scalar(static_cast<float>(value)), context.input(i)});
  return builder.constant(from_doubles(dtype, {}, std::array{value}));
}

}  // namespace atlas
