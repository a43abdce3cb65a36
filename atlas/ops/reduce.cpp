// Reductions over axes: sums, products, extrema, means and norms.
#include <cmath>
#include <limits>

#include "atlas/ops/broadcast_walk.h"
#include "atlas/ops/cost_context.h"
#include "atlas/ops/decompose_context.h"
#include "atlas/ops/families.h"
#include "atlas/ops/infer_context.h"

namespace atlas::ops {
namespace {

// Which axes go. No axes given: all of them, or none where `noop_with_empty_axes` says so.
template <typename Context>
std::vector<bool> reduced_axes(const Context& context, std::size_t rank,
                               const std::vector<std::int64_t>& axes) {
  if (axes.empty()) return std::vector<bool>(rank, context.integer("noop_with_empty_axes") == 0);
  std::vector<bool> out(rank, false);
  for (const std::int64_t axis : axes) out[context.axis(axis, rank)] = true;
  return out;
}

template <typename Extent>
std::vector<Extent> reduced_shape(const std::vector<Extent>& shape, const std::vector<bool>& reduced,
                                  bool keep) {
  std::vector<Extent> out;
  for (std::size_t i = 0; i < shape.size(); ++i) {
    if (!reduced[i]) out.push_back(shape[i]);
    if (reduced[i] && keep) out.push_back(1);
  }
  return out;
}

// Dims of the output; nothing where not even the rank is certain.
std::optional<Dims> output_dims(const InferContext& context) {
  if (!context.dims(0)) return std::nullopt;
  const Dims& dims = *context.dims(0);
  const bool keep = context.integer("keepdims") != 0;
  const auto axes = context.has_input(1) ? context.integers(1) : std::vector<std::int64_t>{};
  if (axes) return reduced_shape(dims, reduced_axes(context, dims.size(), *axes), keep);
  if (keep) return Dims(dims.size());
  const auto& count = context.dims(1);
  if (!count || count->size() != 1 || !(*count)[0].is_constant() || (*count)[0].value() == 0)
    return std::nullopt;
  const auto given = static_cast<std::size_t>((*count)[0].value());
  return given <= dims.size() ? std::optional(Dims(dims.size() - given)) : std::nullopt;
}

void infer_reduction(InferContext& context) {
  context.set_output(0, context.dtype(0), output_dims(context));
}

// Of sizes: the elements of a vector combined into one.
template <Dim (*combine)(const Dim&, const Dim&)>
void infer_reduction_of_sizes(InferContext& context) {
  infer_reduction(context);
  const std::optional<Dims> content = context.content(0);
  const auto axes = context.has_input(1) ? context.integers(1) : std::vector<std::int64_t>{};
  if (!content || content->empty() || !axes || !context.dims(0) || context.dims(0)->size() != 1) return;
  if (!reduced_axes(context, 1, *axes)[0]) return;
  Dim out = content->front();
  for (std::size_t i = 1; i < content->size(); ++i) out = combine(out, (*content)[i]);
  context.set_content(0, {out});
}

Dim sum_of(const Dim& a, const Dim& b) {
  return a + b;
}
Dim product_of(const Dim& a, const Dim& b) {
  return a * b;
}
Dim larger(const Dim& a, const Dim& b) {
  return max(a, b);
}
Dim smaller(const Dim& a, const Dim& b) {
  return min(a, b);
}

struct Frame {
  Shape shape;                       // of the output
  std::vector<std::size_t> targets;  // for each input element, the output element it goes into
  std::size_t output_count = 0;
  std::size_t group = 0;  // input elements for each output element
};

Frame frame_of(const ReferenceContext& context) {
  const Shape& shape = context.shape(0);
  const auto axes = context.has_input(1) ? context.integers(1) : std::vector<std::int64_t>{};
  const std::vector<bool> reduced = reduced_axes(context, shape.size(), axes);
  const Shape kept = reduced_shape(shape, reduced, true);
  Frame frame;
  frame.shape = reduced_shape(shape, reduced, context.integer("keepdims") != 0);
  frame.targets = broadcast_indices(kept, shape);
  frame.output_count = element_count(kept);
  frame.group = 1;
  for (std::size_t i = 0; i < shape.size(); ++i)
    if (reduced[i]) frame.group *= static_cast<std::size_t>(shape[i]);
  return frame;
}

template <typename T, typename Step>
std::vector<T> fold(const ReferenceContext& context, const Frame& frame, T start, Step step) {
  const std::vector<T> values = wide_numbers<T>(context.input(0));
  std::vector<T> out(frame.output_count, start);
  for (std::size_t i = 0; i < values.size(); ++i)
    out[frame.targets[i]] = step(out[frame.targets[i]], values[i]);
  return out;
}

// In the wide type of the input: exact for integers.
template <typename Step>
void fold_numbers(ReferenceContext& context, int start, Step step) {
  const Frame frame = frame_of(context);
  with_wide_type(context.dtype(0), [&]<typename T>(T) {
    const auto wrapping_step = [&](T a, T b) { return static_cast<T>(step(Wrapping<T>(a), Wrapping<T>(b))); };
    context.set_output(
        0, narrow(context.dtype(0), frame.shape, fold<T>(context, frame, T(start), wrapping_step)));
  });
}

void reference_sum(ReferenceContext& context) {
  fold_numbers(context, 0, [](auto a, auto b) { return a + b; });
}
void reference_sum_square(ReferenceContext& context) {
  fold_numbers(context, 0, [](auto a, auto b) { return a + b * b; });
}
void reference_prod(ReferenceContext& context) {
  fold_numbers(context, 1, [](auto a, auto b) { return a * b; });
}

void reference_l1(ReferenceContext& context) {
  const Frame frame = frame_of(context);
  with_wide_type(context.dtype(0), [&]<typename T>(T) {
    const auto step = [](T a, T b) {
      return static_cast<T>(b < 0 ? Wrapping<T>(a) - Wrapping<T>(b) : Wrapping<T>(a) + Wrapping<T>(b));
    };
    context.set_output(0, narrow(context.dtype(0), frame.shape, fold<T>(context, frame, T(0), step)));
  });
}

// The mean of integers is truncated; that of none is 0.
void reference_mean(ReferenceContext& context) {
  const Frame frame = frame_of(context);
  with_wide_type(context.dtype(0), [&]<typename T>(T) {
    const auto step = [](T a, T b) { return static_cast<T>(Wrapping<T>(a) + Wrapping<T>(b)); };
    std::vector<T> out = fold<T>(context, frame, T(0), step);
    for (T& value : out)
      if (frame.group != 0 || std::is_floating_point_v<T>) value /= static_cast<T>(frame.group);
    context.set_output(0, narrow(context.dtype(0), frame.shape, out));
  });
}

// The least value that the type holds, and the greatest.
template <typename T>
T lowest(DType dtype) {
  if (std::is_floating_point_v<T>) return -std::numeric_limits<T>::infinity();
  return is_signed_integer(dtype) ? static_cast<T>(~std::uint64_t{0} << (bits(dtype) - 1)) : 0;
}
template <typename T>
T highest(DType dtype) {
  if (std::is_floating_point_v<T>) return std::numeric_limits<T>::infinity();
  if (dtype == DType::Bool) return 1;
  return static_cast<T>(~std::uint64_t{0} >> (64 - bits(dtype) + (is_signed_integer(dtype) ? 1 : 0)));
}

// NaN wins against everything, as in numpy. The value over no elements is the type's own bound.
void reference_max(ReferenceContext& context) {
  const Frame frame = frame_of(context);
  with_wide_type(context.dtype(0), [&]<typename T>(T) {
    const auto step = [](T a, T b) { return a > b || a != a ? a : b; };
    context.set_output(
        0, narrow(context.dtype(0), frame.shape, fold<T>(context, frame, lowest<T>(context.dtype(0)), step)));
  });
}
void reference_min(ReferenceContext& context) {
  const Frame frame = frame_of(context);
  with_wide_type(context.dtype(0), [&]<typename T>(T) {
    const auto step = [](T a, T b) { return a < b || a != a ? a : b; };
    context.set_output(0, narrow(context.dtype(0), frame.shape,
                                 fold<T>(context, frame, highest<T>(context.dtype(0)), step)));
  });
}

// In double whatever the type; integers are truncated at the end.
void reference_l2(ReferenceContext& context) {
  const Frame frame = frame_of(context);
  std::vector<double> out = fold<double>(context, frame, 0, [](double a, double b) { return a + b * b; });
  for (double& value : out) value = std::sqrt(value);
  context.set_doubles(0, context.dtype(0), frame.shape, out);
}
void reference_log_sum(ReferenceContext& context) {
  const Frame frame = frame_of(context);
  std::vector<double> out = fold<double>(context, frame, 0, [](double a, double b) { return a + b; });
  for (double& value : out) value = std::log(value);
  context.set_doubles(0, context.dtype(0), frame.shape, out);
}

// log(sum(exp(x))) = m + log(sum(exp(x - m))) with the largest x as m, so that nothing overflows.
void reference_log_sum_exp(ReferenceContext& context) {
  const Frame frame = frame_of(context);
  const std::vector<double> values = context.doubles(0);
  std::vector<double> largest = fold<double>(context, frame, lowest<double>(DType::F64),
                                             [](double a, double b) { return a > b || a != a ? a : b; });
  std::vector<double> out(frame.output_count, 0);
  for (std::size_t i = 0; i < values.size(); ++i) {
    const std::size_t to = frame.targets[i];
    out[to] += values[i] == largest[to] ? 1 : std::exp(values[i] - largest[to]);
  }
  for (std::size_t i = 0; i < out.size(); ++i) out[i] = std::log(out[i]) + largest[i];
  context.set_doubles(0, context.dtype(0), frame.shape, out);
}

ValueId reduce_sum(DecomposeContext& context, ValueId data) {
  return context.builder().op("ReduceSum", {data, context.input(1)},
                              {{"keepdims", context.integer("keepdims")},
                               {"noop_with_empty_axes", context.integer("noop_with_empty_axes")}});
}

std::vector<ValueId> decompose_l1(DecomposeContext& context) {
  return {reduce_sum(context, context.builder().op("Abs", {context.input(0)}))};
}
std::vector<ValueId> decompose_l2(DecomposeContext& context) {
  if (!is_floating(context.type(0).dtype)) return {};
  const ValueId data = context.input(0);
  return {context.builder().op("Sqrt", {reduce_sum(context, context.builder().op("Mul", {data, data}))})};
}
std::vector<ValueId> decompose_log_sum(DecomposeContext& context) {
  if (!is_floating(context.type(0).dtype)) return {};
  return {context.builder().op("Log", {reduce_sum(context, context.input(0))})};
}
// Relative to the largest element, so that no exponential is beyond f32; one that is infinite is left alone.
std::vector<ValueId> decompose_log_sum_exp_f32(DecomposeContext& context) {
  GraphBuilder& builder = context.builder();
  const auto peak = [&](std::int64_t keep) {
    const ValueId largest =
        builder.op("ReduceMax", {context.input(0), context.input(1)},
                   {{"keepdims", keep}, {"noop_with_empty_axes", context.integer("noop_with_empty_axes")}});
    return builder.op("Where", {builder.op("IsInf", {largest}), builder.scalar(0), largest});
  };
  const ValueId below = builder.op("Sub", {context.input(0), peak(1)});
  const ValueId sum = reduce_sum(context, builder.op("Exp", {below}));
  return {builder.op("Add", {builder.op("Log", {sum}), peak(context.integer("keepdims"))})};
}

std::vector<ValueId> decompose_log_sum_exp(DecomposeContext& context) {
  if (context.type(0).dtype == DType::F32) return decompose_log_sum_exp_f32(context);
  GraphBuilder& builder = context.builder();
  const ValueId wide =
      builder.op("Cast", {context.input(0)}, {{"to", static_cast<std::int64_t>(DType::F64)}});
  const ValueId sum = reduce_sum(context, builder.op("Exp", {wide}));
  return {builder.op("CastLike", {builder.op("Log", {sum}), context.input(0)})};
}
std::vector<ValueId> decompose_sum_square(DecomposeContext& context) {
  const ValueId data = context.input(0);
  return {reduce_sum(context, context.builder().op("Mul", {data, data}))};
}

// One operation for each input element; two where it is squared or exponentiated first.
template <int per_element>
Cost reduction_cost(const CostContext& context) {
  Cost cost = context.traffic();
  double count = per_element;
  for (const std::int64_t extent : context.input_shape(0)) count *= static_cast<double>(extent);
  cost.operations[static_cast<std::size_t>(context.input_dtype(0))] += count;
  return cost;
}

constexpr TypeSet kReducible = types::kFloats | TypeSet{DType::U32, DType::U64, DType::I32, DType::I64};
constexpr TypeSet kOrdered = kReducible | TypeSet{DType::U8, DType::I8, DType::Bool};

OpDef reduction(std::string_view name, const TypeSet& types, void (*infer)(InferContext&),
                void (*reference)(ReferenceContext&),
                std::vector<ValueId> (*decompose)(DecomposeContext&) = nullptr) {
  return {.name = name,
          .schema = {"data:T, axes?:i64 -> reduced:T",
                     {{"T", types}},
                     {{"keepdims", 1}, {"noop_with_empty_axes", 0}}},
          .infer = infer,
          .reference = reference,
          .decompose = decompose,
          .cost = reduction_cost<1>};
}

}  // namespace

std::vector<OpDef> reduce() {
  std::vector<OpDef> out = {
      reduction("ReduceL1", kReducible, infer_reduction, reference_l1, decompose_l1),
      reduction("ReduceL2", kReducible, infer_reduction, reference_l2, decompose_l2),
      reduction("ReduceLogSum", kReducible, infer_reduction, reference_log_sum, decompose_log_sum),
      reduction("ReduceLogSumExp", kReducible, infer_reduction, reference_log_sum_exp, decompose_log_sum_exp),
      reduction("ReduceMax", kOrdered, infer_reduction_of_sizes<larger>, reference_max),
      reduction("ReduceMean", kReducible, infer_reduction, reference_mean),
      reduction("ReduceMin", kOrdered, infer_reduction_of_sizes<smaller>, reference_min),
      reduction("ReduceProd", kReducible, infer_reduction_of_sizes<product_of>, reference_prod),
      reduction("ReduceSum", kReducible, infer_reduction_of_sizes<sum_of>, reference_sum),
      reduction("ReduceSumSquare", kReducible, infer_reduction, reference_sum_square, decompose_sum_square),
  };
  for (OpDef& op : out)
    if (op.decompose != nullptr) op.cost = reduction_cost<2>;
  return out;
}

}  // namespace atlas::ops
