// Comparisons of two values, and the choice between two by a condition.
#include <algorithm>

#include "atlas/ops/broadcast_walk.h"
#include "atlas/ops/content_arithmetic.h"
#include "atlas/ops/decompose_context.h"
#include "atlas/ops/families.h"

namespace atlas::ops {
namespace {

template <typename T, typename Compare>
void compare_values(ReferenceContext& context, const Shape& shape, const std::vector<T>& a,
                    const std::vector<T>& b, Compare compare) {
  std::vector<std::int64_t> out(a.size());
  for (std::size_t i = 0; i < out.size(); ++i) out[i] = compare(a[i], b[i]);
  context.set_integers(0, DType::Bool, shape, out);
}

template <typename Compare>
void compare_numbers(ReferenceContext& context, Compare compare) {
  const Shape shape = broadcast_inputs(context);
  with_wide_type(context.dtype(0), [&]<typename T>(T) {
    compare_values(context, shape, broadcast_input<T>(context, 0, shape),
                   broadcast_input<T>(context, 1, shape), compare);
  });
}

void reference_greater(ReferenceContext& context) {
  compare_numbers(context, [](auto a, auto b) { return a > b; });
}
void reference_greater_or_equal(ReferenceContext& context) {
  compare_numbers(context, [](auto a, auto b) { return a >= b; });
}
void reference_less(ReferenceContext& context) {
  compare_numbers(context, [](auto a, auto b) { return a < b; });
}
void reference_less_or_equal(ReferenceContext& context) {
  compare_numbers(context, [](auto a, auto b) { return a <= b; });
}

std::vector<std::string> broadcast_strings(const ReferenceContext& context, std::size_t i, const Shape& to) {
  const auto values = context.input(i).values<std::string>();
  return broadcast_values(std::vector<std::string>(values.begin(), values.end()), context.shape(i), to);
}

void reference_equal(ReferenceContext& context) {
  if (context.dtype(0) != DType::String)
    return compare_numbers(context, [](auto a, auto b) { return a == b; });
  const Shape shape = broadcast_inputs(context);
  compare_values(context, shape, broadcast_strings(context, 0, shape), broadcast_strings(context, 1, shape),
                 [](const std::string& a, const std::string& b) { return a == b; });
}

// 1 or 0 where it is certain. An extent, a plain symbol, is never negative.
Dim equality(const Dim& a, const Dim& b) {
  const auto never = [](const Dim& x, const Dim& y) {
    return x.is_constant() && x.value() < 0 && !y.symbol_name().empty();
  };
  if (a == b) return 1;
  if ((a.is_constant() && b.is_constant()) || never(a, b) || never(b, a)) return 0;
  return {};
}

void infer_equal(InferContext& context) {
  infer_broadcast_bool(context);
  combine_contents(context, equality);
}

std::vector<ValueId> decompose_greater_or_equal(DecomposeContext& context) {
  const std::vector<ValueId> inputs = {context.input(0), context.input(1)};
  GraphBuilder& builder = context.builder();
  return {builder.op("Or", {builder.op("Greater", inputs), builder.op("Equal", inputs)})};
}
std::vector<ValueId> decompose_less_or_equal(DecomposeContext& context) {
  const std::vector<ValueId> inputs = {context.input(0), context.input(1)};
  GraphBuilder& builder = context.builder();
  return {builder.op("Or", {builder.op("Less", inputs), builder.op("Equal", inputs)})};
}

void infer_where(InferContext& context) {
  std::optional<Dims> dims;
  if (context.dims(0) && context.dims(1) && context.dims(2))
    dims = broadcast_dims(context, broadcast_dims(context, *context.dims(0), *context.dims(1)),
                          *context.dims(2));
  const bool is_typed = context.dtype(1) != DType::Undefined;
  context.set_output(0, context.dtype(is_typed ? 1 : 2), dims);

  const std::optional<Dims> condition = context.content(0);
  const std::optional<Dims> x = context.content(1);
  const std::optional<Dims> y = context.content(2);
  if (!condition || !x || !y) return;
  const std::size_t count = std::max({condition->size(), x->size(), y->size()});
  const auto at = [count](const Dims& content, std::size_t i) {
    return content.size() == count ? content[i] : content.size() == 1 ? content[0] : Dim();
  };
  Dims out(count);
  for (std::size_t i = 0; i < count; ++i) {
    const Dim chosen = at(*condition, i);
    if (chosen.is_constant()) {
      out[i] = at(chosen.value() != 0 ? *x : *y, i);
    } else if (at(*x, i) == at(*y, i)) {
      out[i] = at(*x, i);
    }
  }
  context.set_content(0, std::move(out));
}

// Elements are moved, never converted: any width, strings too.
void reference_where(ReferenceContext& context) {
  context.check(context.dtype(1) == context.dtype(2), "expected one element type for X and Y, got {} and {}",
                name(context.dtype(1)), name(context.dtype(2)));
  const Shape shape = broadcast_inputs(context);
  const std::vector<std::int64_t> condition = broadcast_input<std::int64_t>(context, 0, shape);
  const std::vector<std::size_t> from_x = broadcast_indices(context.shape(1), shape);
  const std::vector<std::size_t> from_y = broadcast_indices(context.shape(2), shape);
  Tensor out(context.dtype(1), shape);
  const auto choose = [&]<typename T>(const T* x, const T* y, T* to, std::size_t per_element) {
    for (std::size_t i = 0; i < condition.size(); ++i) {
      const T* from = condition[i] != 0 ? x + from_x[i] * per_element : y + from_y[i] * per_element;
      std::copy_n(from, per_element, to + i * per_element);
    }
  };
  if (out.dtype() == DType::String) {
    choose(context.input(1).values<std::string>().data(), context.input(2).values<std::string>().data(),
           out.values_mutable<std::string>().data(), 1);
  } else {
    using Byte = const unsigned char*;
    choose(static_cast<Byte>(context.input(1).raw()), static_cast<Byte>(context.input(2).raw()),
           static_cast<unsigned char*>(out.raw_mutable()), static_cast<std::size_t>(bits(out.dtype())) / 8);
  }
  context.set_output(0, std::move(out));
}

OpDef comparison_op(std::string_view name, void (*reference)(ReferenceContext&),
                    std::vector<ValueId> (*decompose)(DecomposeContext&) = nullptr) {
  return {.name = name,
          .schema = {"A:T, B:T -> C:bool", {{"T", types::kNumbers}}},
          .infer = infer_broadcast_bool,
          .reference = reference,
          .decompose = decompose};
}

}  // namespace

std::vector<OpDef> comparison() {
  return {
      {.name = "Equal",
       .schema = {"A:T, B:T -> C:bool", {{"T", types::kNumbers | types::kBool | types::kString}}},
       .infer = infer_equal,
       .reference = reference_equal},
      comparison_op("Greater", reference_greater),
      comparison_op("GreaterOrEqual", reference_greater_or_equal, decompose_greater_or_equal),
      comparison_op("Less", reference_less),
      comparison_op("LessOrEqual", reference_less_or_equal, decompose_less_or_equal),
      {.name = "Where",
       .schema = {"condition:bool, X:T, Y:T -> output:T", {{"T", types::kPlain}}},
       .infer = infer_where,
       .reference = reference_where},
  };
}

}  // namespace atlas::ops
