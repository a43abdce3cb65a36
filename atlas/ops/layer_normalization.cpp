// Normalisation of blocks of neighbouring elements: of layers, groups of channels and single channels.
#include <cmath>

#include "atlas/ops/broadcast_walk.h"
#include "atlas/ops/cost_context.h"
#include "atlas/ops/decompose_context.h"
#include "atlas/ops/families.h"
#include "atlas/ops/infer_context.h"
#include "atlas/ops/reference_context.h"

namespace atlas::ops {
namespace {

struct Moments {
  std::vector<double> mean;
  std::vector<double> inverse_deviation;
};

// Brings each block of `size` elements to mean 0 and variance 1; without centring, to mean square 1.
Moments normalize(std::vector<double>& x, std::size_t size, double epsilon, bool centre = true) {
  Moments out;
  if (size == 0) return out;
  for (std::size_t start = 0; start < x.size(); start += size) {
    const std::span<double> block = std::span(x).subspan(start, size);
    double mean = 0;
    if (centre) {
      for (const double value : block) mean += value;
      mean /= static_cast<double>(size);
    }
    double variance = 0;
    for (const double value : block) variance += (value - mean) * (value - mean);
    variance /= static_cast<double>(size);
    const double factor = 1 / std::sqrt(variance + epsilon);
    for (double& value : block) value = (value - mean) * factor;
    out.mean.push_back(mean);
    out.inverse_deviation.push_back(factor);
  }
  return out;
}

// The type that statistics are kept in.
DType stash_type(std::int64_t number) {
  return number == static_cast<std::int64_t>(DType::BF16) ? DType::BF16 : DType::F32;
}

// `values` of input `i`, which broadcasts to `shape`.
std::vector<double> spread(const ReferenceContext& context, std::size_t i, const Shape& shape) {
  context.check(context.shape(i).size() <= shape.size() && broadcast(context.shape(i), shape) == shape,
                "expected scale and bias that broadcast to {}, got {}", text(shape), text(context.shape(i)));
  return broadcast_values(context.doubles(i), context.shape(i), shape);
}

void reference_layer_norm(ReferenceContext& context) {
  const Shape& shape = context.shape(0);
  const std::size_t axis = context.axis(context.integer("axis"), shape.size());
  std::vector<double> x = context.doubles(0);
  const std::size_t size = element_count(std::span(shape).subspan(axis));
  Shape reduced = shape;
  std::fill(reduced.begin() + static_cast<std::ptrdiff_t>(axis), reduced.end(), 1);
  Moments moments = normalize(x, size, context.real("epsilon"));
  moments.mean.resize(element_count(reduced));
  moments.inverse_deviation.resize(element_count(reduced));
  const std::vector<double> scale = spread(context, 1, shape);
  for (std::size_t i = 0; i < x.size(); ++i) x[i] *= scale[i];
  if (context.has_input(2)) {
    const std::vector<double> bias = spread(context, 2, shape);
    for (std::size_t i = 0; i < x.size(); ++i) x[i] += bias[i];
  }
  context.set_doubles(0, context.dtype(0), shape, x);
  const DType stash = stash_type(context.integer("stash_type"));
  context.set_doubles(1, stash, reduced, moments.mean);
  context.set_doubles(2, stash, reduced, moments.inverse_deviation);
}

void infer_layer_norm(InferContext& context) {
  infer_same_as_first(context);
  std::optional<Dims> reduced = context.dims(0);
  if (reduced) {
    const std::size_t axis = context.axis(context.integer("axis"), reduced->size());
    std::fill(reduced->begin() + static_cast<std::ptrdiff_t>(axis), reduced->end(), Dim(1));
  }
  const DType stash = stash_type(context.integer("stash_type"));
  context.set_output(1, stash, reduced);
  context.set_output(2, stash, std::move(reduced));
}

void reference_rms_norm(ReferenceContext& context) {
  const Shape& shape = context.shape(0);
  const std::size_t axis = context.axis(context.integer("axis"), shape.size());
  std::vector<double> x = context.doubles(0);
  normalize(x, element_count(std::span(shape).subspan(axis)), context.real("epsilon"), false);
  const std::vector<double> scale = spread(context, 1, shape);
  for (std::size_t i = 0; i < x.size(); ++i) x[i] *= scale[i];
  context.set_doubles(0, context.dtype(1), shape, x);
}

// Normalises groups of channels, then scales and shifts each channel.
void normalize_channels(ReferenceContext& context, std::int64_t groups) {
  const Shape& shape = context.shape(0);
  std::vector<double> x = context.doubles(0);
  const std::vector<double> scale = context.doubles(1);
  const std::vector<double> bias = context.doubles(2);
  const std::size_t channels = static_cast<std::size_t>(shape[1]);
  context.check(scale.size() == channels && bias.size() == channels,
                "expected a scale and a bias for each of {} channels, got {} and {}", channels, scale.size(),
                bias.size());
  const std::size_t plane = element_count(std::span(shape).subspan(2));
  normalize(x, channels / static_cast<std::size_t>(groups) * plane, context.real("epsilon"));
  for (std::size_t i = 0; i < x.size(); ++i) {
    const std::size_t c = i / plane % channels;
    x[i] = x[i] * scale[c] + bias[c];
  }
  context.set_doubles(0, context.dtype(0), shape, x);
}

void reference_group_norm(ReferenceContext& context) {
  const Shape& shape = context.shape(0);
  const std::int64_t groups = context.integer("num_groups");
  context.check(shape.size() >= 2 && groups >= 1 && shape[1] % groups == 0,
                "expected channels in {} equal groups, got {}", groups, text(shape));
  normalize_channels(context, groups);
}

void reference_instance_norm(ReferenceContext& context) {
  const Shape& shape = context.shape(0);
  context.check(shape.size() >= 2, "expected batch and channels, got {}", text(shape));
  normalize_channels(context, std::max<std::int64_t>(1, shape[1]));
}

void infer_rms_norm(InferContext& context) {
  if (context.dims(0)) context.axis(context.integer("axis"), context.dims(0)->size());
  context.set_output(0, context.dtype(1), context.dims(0));
}

// Mean, deviation, square, mean, root, quotient, scale and shift.
Cost cost_normalization(const CostContext& context) {
  Cost cost = context.traffic();
  cost.add_operations(context.input_dtype(0), 8 * context.output_elements(0));
  return cost;
}

// The steps that the decompositions share.
struct Steps {
  GraphBuilder& builder;
  DType dtype;  // of the statistics

  explicit Steps(DecomposeContext& context)
      : builder(context.builder()),
        // Wider inputs are not narrowed on the way.
        dtype(context.type(0).dtype == DType::F64 ? DType::F64 : stash_type(context.integer("stash_type"))) {}

  ValueId op(std::string_view name, std::vector<ValueId> inputs) {
    return builder.op(name, std::move(inputs));
  }
  ValueId cast(ValueId value, DType from, DType to) {
    if (from == to) return value;
    return builder.op("Cast", {value}, {{"to", static_cast<std::int64_t>(to)}});
  }
  ValueId mean(ValueId value, const std::vector<std::int64_t>& axes) {
    return op("ReduceMean", {value, builder.ints(axes)});
  }
  ValueId deviation(ValueId mean_square, float epsilon) {
    const double values[] = {epsilon};
    return op("Sqrt", {op("Add", {mean_square, builder.constant(from_doubles(dtype, {}, values))})});
  }
};

std::optional<std::vector<std::int64_t>> normalized_axes(const DecomposeContext& context) {
  const std::int64_t axis = context.integer("axis");
  std::int64_t start = axis;
  if (axis >= 0) {
    if (!context.type(0).dims) return std::nullopt;
    start = axis - static_cast<std::int64_t>(context.type(0).dims->size());
  }
  std::vector<std::int64_t> out;
  for (; start < 0; ++start) out.push_back(start);
  return out;
}

std::vector<ValueId> decompose_layer_norm(DecomposeContext& context) {
  const DType dtype = context.type(0).dtype;
  const auto axes = normalized_axes(context);
  if (!axes || dtype == DType::Undefined) return {};
  Steps steps(context);
  const ValueId x = steps.cast(context.input(0), dtype, steps.dtype);
  const ValueId mean = steps.mean(x, *axes);
  const ValueId centred = steps.op("Sub", {x, mean});
  const ValueId deviation =
      steps.deviation(steps.mean(steps.op("Mul", {centred, centred}), *axes), context.real("epsilon"));
  const ValueId normalized = steps.cast(steps.op("Div", {centred, deviation}), steps.dtype, dtype);
  ValueId y = steps.op("Mul", {normalized, context.input(1)});
  if (context.has_input(2)) y = steps.op("Add", {y, context.input(2)});
  std::vector<ValueId> out(context.output_count(), ValueId::None);
  out[0] = y;
  const DType stash = stash_type(context.integer("stash_type"));
  if (context.has_output(1)) out[1] = steps.cast(mean, steps.dtype, stash);
  if (context.has_output(2)) out[2] = steps.cast(steps.op("Reciprocal", {deviation}), steps.dtype, stash);
  return out;
}

std::vector<ValueId> decompose_rms_norm(DecomposeContext& context) {
  const DType dtype = context.type(0).dtype;
  const DType scale = context.type(1).dtype;
  const auto axes = normalized_axes(context);
  if (!axes || dtype == DType::Undefined || scale == DType::Undefined) return {};
  Steps steps(context);
  const ValueId x = steps.cast(context.input(0), dtype, steps.dtype);
  const ValueId deviation =
      steps.deviation(steps.mean(steps.op("Mul", {x, x}), *axes), context.real("epsilon"));
  const ValueId normalized = steps.cast(steps.op("Div", {x, deviation}), steps.dtype, scale);
  return {steps.op("Mul", {normalized, context.input(1)})};
}

std::vector<ValueId> decompose_group_norm(DecomposeContext& context) {
  const Type type = context.type(0);
  if (!type.dims || type.dims->size() < 2 || type.dtype == DType::Undefined) return {};
  Steps steps(context);
  const ValueId shape = steps.op("Shape", {context.input(0)});
  const ValueId grouped = steps.op("Reshape", {steps.cast(context.input(0), type.dtype, steps.dtype),
                                               steps.builder.ints({0, context.integer("num_groups"), -1})});
  const ValueId centred = steps.op("Sub", {grouped, steps.mean(grouped, {2})});
  const ValueId deviation =
      steps.deviation(steps.mean(steps.op("Mul", {centred, centred}), {2}), context.real("epsilon"));
  const ValueId normalized = steps.op("Reshape", {steps.op("Div", {centred, deviation}), shape});
  std::vector<std::int64_t> per_channel(type.dims->size() - 1, 1);
  per_channel[0] = -1;
  const ValueId channel_shape = steps.builder.ints(per_channel);
  const ValueId scaled = steps.op("Mul", {steps.cast(normalized, steps.dtype, type.dtype),
                                          steps.op("Reshape", {context.input(1), channel_shape})});
  return {steps.op("Add", {scaled, steps.op("Reshape", {context.input(2), channel_shape})})};
}

}  // namespace

std::vector<OpDef> layer_normalization() {
  return {
      {.name = "GroupNormalization",
       .schema = {"X:T, scale:T, bias:T -> Y:T",
                  {{"T", types::kFloats}},
                  {{"epsilon", 1e-5f}, {"num_groups", AttributeKind::Integer, kRequired}, {"stash_type", 1}}},
       .infer = infer_same_as_first,
       .reference = reference_group_norm,
       .decompose = decompose_group_norm,
       .cost = cost_normalization},
      {.name = "InstanceNormalization",
       .schema = {"input:T, scale:T, B:T -> output:T", {{"T", types::kFloats}}, {{"epsilon", 1e-5f}}},
       .infer = infer_same_as_first,
       .reference = reference_instance_norm,
       .cost = cost_normalization},
      {.name = "LayerNormalization",
       .schema = {"X:T, Scale:T, B?:T -> Y:T, Mean?:U, InvStdDev?:U",
                  {{"T", types::kFloats}, {"U", {DType::F32, DType::BF16}}},
                  {{"axis", -1}, {"epsilon", 1e-5f}, {"stash_type", 1}}},
       .infer = infer_layer_norm,
       .reference = reference_layer_norm,
       .decompose = decompose_layer_norm,
       .cost = cost_normalization},
      {.name = "RMSNormalization",
       .schema = {"X:T, scale:V -> Y:V",
                  {{"T", types::kFloats}, {"V", types::kFloats}},
                  {{"axis", -1}, {"epsilon", 1e-5f}, {"stash_type", 1}}},
       .infer = infer_rms_norm,
       .reference = reference_rms_norm,
       .decompose = decompose_rms_norm,
       .cost = cost_normalization},
  };
}

}  // namespace atlas::ops
