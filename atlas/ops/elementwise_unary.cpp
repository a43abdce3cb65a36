// Functions of one number, element by element: trigonometry, rounding, exponentials.
#include <cmath>

#include "atlas/ops/families.h"
#include "atlas/ops/infer_context.h"
#include "atlas/ops/reference_context.h"

namespace atlas::ops {
namespace {

// Floats in double with one rounding at the end.
template <double (*function)(double)>
void map_reals(ReferenceContext& context) {
  std::vector<double> values = context.doubles(0);
  for (double& value : values) value = function(value);
  context.set_doubles(0, context.dtype(0), context.shape(0), values);
}

template <double (*function)(double)>
OpDef real_function(std::string_view name) {
  return {.name = name,
          .schema = {"X:T -> Y:T", {{"T", types::kFloats}}},
          .infer = infer_same_as_first,
          .reference = map_reals<function>};
}

}  // namespace

std::vector<OpDef> elementwise_unary() {
  return {
      real_function<std::exp>("Exp"),
      real_function<std::log>("Log"),
  };
}

}  // namespace atlas::ops
