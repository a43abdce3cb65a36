// Where the largest or smallest element of each line along an axis stands.
#include "atlas/ops/axis_lines.h"
#include "atlas/ops/cost_context.h"
#include "atlas/ops/families.h"
#include "atlas/ops/infer_context.h"
#include "atlas/ops/reference_context.h"
#include "atlas/ops/wide_numbers.h"

namespace atlas::ops {
namespace {

// Index within a line of its extremum: the first of equal ones, or the last. NaN beats every number.
template <typename T, typename Beats>
std::size_t extremum(const std::vector<T>& values, std::size_t first, std::size_t step, std::size_t length,
                     bool select_last, Beats beats) {
  std::size_t best = 0;
  for (std::size_t k = 1; k < length; ++k) {
    const T a = values[first + k * step];
    const T b = values[first + best * step];
    const bool a_is_nan = a != a;
    const bool b_is_nan = b != b;
    if (a_is_nan != b_is_nan ? a_is_nan : beats(a, b) || (select_last && (a_is_nan || a == b))) best = k;
  }
  return best;
}

void infer_arg_extremum(InferContext& context) {
  std::optional<Dims> dims = context.dims(0);
  if (dims) {
    const auto axis = static_cast<std::ptrdiff_t>(context.axis(context.integer("axis"), dims->size()));
    context.check((*dims)[axis] != Dim(0), "expected elements along axis {}, got none", axis);
    if (context.integer("keepdims") != 0) {
      (*dims)[axis] = 1;
    } else {
      dims->erase(dims->begin() + axis);
    }
  }
  context.set_output(0, DType::I64, dims);
}

template <typename Beats>
void find_extrema(ReferenceContext& context, Beats beats) {
  const Shape& shape = context.shape(0);
  const std::size_t axis = context.axis(context.integer("axis"), shape.size());
  context.check(shape[axis] > 0, "expected elements along axis {}, got none", axis);
  Shape reduced = shape;
  if (context.integer("keepdims") != 0) {
    reduced[axis] = 1;
  } else {
    reduced.erase(reduced.begin() + static_cast<std::ptrdiff_t>(axis));
  }
  const bool select_last = context.integer("select_last_index") != 0;
  std::vector<std::int64_t> out;
  with_wide_type(context.dtype(0), [&]<typename T>(T) {
    const std::vector<T> values = wide_numbers<T>(context.input(0));
    for_each_line(shape, axis, [&](std::size_t first, std::size_t step) {
      out.push_back(static_cast<std::int64_t>(
          extremum(values, first, step, static_cast<std::size_t>(shape[axis]), select_last, beats)));
    });
  });
  context.set_integers(0, DType::I64, std::move(reduced), out);
}

void reference_arg_max(ReferenceContext& context) {
  find_extrema(context, [](auto a, auto b) { return a > b; });
}
void reference_arg_min(ReferenceContext& context) {
  find_extrema(context, [](auto a, auto b) { return a < b; });
}

void infer_hardmax(InferContext& context) {
  if (context.dims(0)) context.axis(context.integer("axis"), context.dims(0)->size());
  infer_same_as_first(context);
}

// 1 at the first largest element of each line, 0 elsewhere.
void reference_hardmax(ReferenceContext& context) {
  const Shape& shape = context.shape(0);
  const std::size_t axis = context.axis(context.integer("axis"), shape.size());
  const std::vector<double> values = context.doubles(0);
  std::vector<double> out(values.size(), 0);
  for_each_line(shape, axis, [&](std::size_t first, std::size_t step) {
    if (shape[axis] == 0) return;
    const auto length = static_cast<std::size_t>(shape[axis]);
    out[first + step * extremum(values, first, step, length, false, std::greater<>())] = 1;
  });
  context.set_doubles(0, context.dtype(0), shape, out);
}

Cost arg_extremum_cost(const CostContext& context) {
  Cost cost = context.traffic();
  double count = 1;
  for (const std::int64_t extent : context.input_shape(0)) count *= static_cast<double>(extent);
  cost.operations[static_cast<std::size_t>(context.input_dtype(0))] += count;
  return cost;
}

OpDef arg_extremum(std::string_view name, void (*reference)(ReferenceContext&)) {
  return {.name = name,
          .schema = {"data:T -> reduced:i64",
                     {{"T", types::kNumbers}},
                     {{"axis", 0}, {"keepdims", 1}, {"select_last_index", 0}}},
          .infer = infer_arg_extremum,
          .reference = reference,
          .cost = arg_extremum_cost};
}

}  // namespace

std::vector<OpDef> arg_extrema() {
  return {
      arg_extremum("ArgMax", reference_arg_max),
      arg_extremum("ArgMin", reference_arg_min),
      {.name = "Hardmax",
       .schema = {"input:T -> output:T", {{"T", types::kFloats}}, {{"axis", -1}}},
       .infer = infer_hardmax,
       .reference = reference_hardmax},
  };
}

}  // namespace atlas::ops
