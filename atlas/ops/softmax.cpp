// Softmax along an axis, and its logarithm.
#include <cmath>
#include <limits>

#include "atlas/ops/axis_lines.h"
#include "atlas/ops/cost_context.h"
#include "atlas/ops/decompose_context.h"
#include "atlas/ops/families.h"
#include "atlas/ops/infer_context.h"
#include "atlas/ops/reference_context.h"

namespace atlas::ops {
namespace {

void infer_softmax(InferContext& context) {
  if (context.dims(0)) context.axis(context.integer("axis"), context.dims(0)->size());
  infer_same_as_first(context);
}

// finish(x - largest, sum of exp(x - largest)) for each element of each line: nothing overflows.
template <typename Finish>
void map_lines(ReferenceContext& context, Finish finish) {
  const Shape& shape = context.shape(0);
  const std::size_t axis = context.axis(context.integer("axis"), shape.size());
  const auto length = static_cast<std::size_t>(shape[axis]);
  std::vector<double> values = context.doubles(0);
  for_each_line(shape, axis, [&](std::size_t first, std::size_t step) {
    double largest = -std::numeric_limits<double>::infinity();
    for (std::size_t k = 0; k < length; ++k) largest = std::fmax(largest, values[first + k * step]);
    double sum = 0;
    for (std::size_t k = 0; k < length; ++k) sum += std::exp(values[first + k * step] -= largest);
    for (std::size_t k = 0; k < length; ++k) values[first + k * step] = finish(values[first + k * step], sum);
  });
  context.set_doubles(0, context.dtype(0), shape, values);
}

void reference_softmax(ReferenceContext& context) {
  map_lines(context, [](double x, double sum) { return std::exp(x) / sum; });
}
void reference_log_softmax(ReferenceContext& context) {
  map_lines(context, [](double x, double sum) { return x - std::log(sum); });
}

ValueId reduced(DecomposeContext& context, const char* op, ValueId data) {
  return context.builder().op(op, {data, context.builder().ints({context.integer("axis")})},
                              {{"keepdims", std::int64_t{1}}});
}

std::vector<ValueId> decompose_softmax(DecomposeContext& context) {
  GraphBuilder& builder = context.builder();
  const ValueId x = context.input(0);
  const ValueId exp = builder.op("Exp", {builder.op("Sub", {x, reduced(context, "ReduceMax", x)})});
  return {builder.op("Div", {exp, reduced(context, "ReduceSum", exp)})};
}
std::vector<ValueId> decompose_log_softmax(DecomposeContext& context) {
  GraphBuilder& builder = context.builder();
  const ValueId x = context.input(0);
  const ValueId shifted = builder.op("Sub", {x, reduced(context, "ReduceMax", x)});
  const ValueId sum = reduced(context, "ReduceSum", builder.op("Exp", {shifted}));
  return {builder.op("Sub", {shifted, builder.op("Log", {sum})})};
}

// For each element: comparison, subtraction, exponential, addition, division.
Cost softmax_cost(const CostContext& context) {
  Cost cost = context.traffic();
  cost.operations[static_cast<std::size_t>(context.output_dtype(0))] += 5 * context.output_elements(0);
  return cost;
}

OpDef softmax_op(std::string_view name, void (*reference)(ReferenceContext&),
                 std::vector<ValueId> (*decompose)(DecomposeContext&)) {
  return {.name = name,
          .schema = {"input:T -> output:T", {{"T", types::kFloats}}, {{"axis", -1}}},
          .infer = infer_softmax,
          .reference = reference,
          .decompose = decompose,
          .cost = softmax_cost};
}

}  // namespace

std::vector<OpDef> softmax() {
  return {
      softmax_op("LogSoftmax", reference_log_softmax, decompose_log_softmax),
      softmax_op("Softmax", reference_softmax, decompose_softmax),
  };
}

}  // namespace atlas::ops
