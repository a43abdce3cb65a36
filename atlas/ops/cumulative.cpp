// Running sums and products along an axis.
#include "atlas/ops/axis_lines.h"
#include "atlas/ops/families.h"
#include "atlas/ops/infer_context.h"
#include "atlas/ops/reference_context.h"
#include "atlas/ops/wide_numbers.h"

namespace atlas::ops {
namespace {

template <typename Combine>
void accumulate(ReferenceContext& context, int start, Combine combine) {
  const Shape& shape = context.shape(0);
  context.check(context.input(1).element_count() == 1, "expected one axis, got {}", text(context.input(1)));
  const std::size_t axis = context.axis(context.integer_input(1, 0), shape.size());
  const bool exclusive = context.integer("exclusive") != 0;
  const bool reverse = context.integer("reverse") != 0;
  const auto length = static_cast<std::size_t>(shape[axis]);
  with_wide_type(context.dtype(0), [&]<typename T>(T) {
    std::vector<T> values = wide_numbers<T>(context.input(0));
    for_each_line(shape, axis, [&](std::size_t first, std::size_t step) {
      auto total = Wrapping<T>(start);
      for (std::size_t k = 0; k < length; ++k) {
        T& value = values[first + step * (reverse ? length - 1 - k : k)];
        const auto before = total;
        total = combine(total, Wrapping<T>(value));
        value = static_cast<T>(exclusive ? before : total);
      }
    });
    context.set_output(0, narrow(context.dtype(0), shape, values));
  });
}

void reference_cum_sum(ReferenceContext& context) {
  accumulate(context, 0, [](auto a, auto b) { return a + b; });
}
void reference_cum_prod(ReferenceContext& context) {
  accumulate(context, 1, [](auto a, auto b) { return a * b; });
}

OpDef cumulative_op(std::string_view name, void (*reference)(ReferenceContext&)) {
  return {.name = name,
          .schema = {"x:T, axis:T2 -> y:T",
                     {{"T", types::kFloats | TypeSet{DType::U32, DType::U64, DType::I32, DType::I64}},
                      {"T2", types::kIndices}},
                     {{"exclusive", 0}, {"reverse", 0}}},
          .infer = infer_same_as_first,
          .reference = reference};
}

}  // namespace

std::vector<OpDef> cumulative() {
  return {
      cumulative_op("CumProd", reference_cum_prod),
      cumulative_op("CumSum", reference_cum_sum),
  };
}

}  // namespace atlas::ops
