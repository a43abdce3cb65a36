// Functions of any number of tensors, element by element: sum, mean, largest, smallest.
#include <cmath>

#include "atlas/ops/broadcast_walk.h"
#include "atlas/ops/content_arithmetic.h"
#include "atlas/ops/families.h"

namespace atlas::ops {
namespace {

// Left to right over all inputs, then `finish(value, number of inputs)`.
template <typename Combine, typename Finish>
void combine_all(ReferenceContext& context, Combine combine, Finish finish) {
  const Shape shape = broadcast_inputs(context);
  with_wide_type(context.dtype(0), [&]<typename T>(T) {
    std::vector<T> out = broadcast_input<T>(context, 0, shape);
    for (std::size_t i = 1; i < context.input_count(); ++i) {
      const std::vector<T> next = broadcast_input<T>(context, i, shape);
      for (std::size_t j = 0; j < out.size(); ++j) out[j] = combine(out[j], next[j]);
    }
    for (T& value : out) value = finish(value, context.input_count());
    context.set_output(0, narrow(context.dtype(0), shape, out));
  });
}

constexpr auto kAsIs = [](auto value, std::size_t) { return value; };

void reference_sum(ReferenceContext& context) {
  combine_all(
      context, [](auto a, auto b) { return a + b; }, kAsIs);
}
void reference_mean(ReferenceContext& context) {
  combine_all(
      context, [](auto a, auto b) { return a + b; },
      []<typename T>(T value, std::size_t count) { return value / static_cast<T>(count); });
}

// NaN wins against everything, as in numpy.
void reference_max(ReferenceContext& context) {
  combine_all(
      context, [](auto a, auto b) { return a > b || a != a ? a : b; }, kAsIs);
}
void reference_min(ReferenceContext& context) {
  combine_all(
      context, [](auto a, auto b) { return a < b || a != a ? a : b; }, kAsIs);
}

template <Dim (*combine)(const Dim&, const Dim&)>
void infer_extremum(InferContext& context) {
  infer_broadcast(context);
  if (context.input_count() == 2) combine_contents(context, combine);
}

Dim larger(const Dim& a, const Dim& b) {
  return max(a, b);
}
Dim smaller(const Dim& a, const Dim& b) {
  return min(a, b);
}

}  // namespace

std::vector<OpDef> elementwise_variadic() {
  return {
      {.name = "Max",
       .schema = {"data_0:T* -> max:T", {{"T", types::kNumbers}}},
       .infer = infer_extremum<larger>,
       .reference = reference_max},
      {.name = "Mean",
       .schema = {"data_0:T* -> mean:T", {{"T", types::kFloats}}},
       .infer = infer_broadcast,
       .reference = reference_mean},
      {.name = "Min",
       .schema = {"data_0:T* -> min:T", {{"T", types::kNumbers}}},
       .infer = infer_extremum<smaller>,
       .reference = reference_min},
      {.name = "Sum",
       .schema = {"data_0:T* -> sum:T", {{"T", types::kFloats}}},
       .infer = infer_broadcast,
       .reference = reference_sum},
  };
}

}  // namespace atlas::ops
