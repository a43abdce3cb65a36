// Normalisation along chosen axes: by a norm, by mean and variance, by neighbouring channels.
#include <algorithm>
#include <cmath>

#include "atlas/ops/broadcast_walk.h"
#include "atlas/ops/cost_context.h"
#include "atlas/ops/decompose_context.h"
#include "atlas/ops/families.h"
#include "atlas/ops/infer_context.h"
#include "atlas/ops/reference_context.h"

namespace atlas::ops {
namespace {

// A norm of 0 leaves zeros.
void reference_lp_norm(ReferenceContext& context) {
  const Shape& shape = context.shape(0);
  const std::size_t axis = context.axis(context.integer("axis"), shape.size());
  const std::int64_t p = context.integer("p");
  context.check(p == 1 || p == 2, "expected p to be 1 or 2, got {}", p);
  std::vector<double> x = context.doubles(0);
  Shape reduced = shape;
  reduced[axis] = 1;
  const std::vector<std::size_t> group = broadcast_indices(reduced, shape);
  std::vector<double> norms(element_count(reduced));
  for (std::size_t i = 0; i < x.size(); ++i) norms[group[i]] += p == 1 ? std::abs(x[i]) : x[i] * x[i];
  for (std::size_t i = 0; i < x.size(); ++i) {
    const double norm = p == 1 ? norms[group[i]] : std::sqrt(norms[group[i]]);
    x[i] = norm == 0 ? 0 : x[i] / norm;
  }
  context.set_doubles(0, context.dtype(0), shape, x);
}

void infer_lp_norm(InferContext& context) {
  if (context.dims(0)) context.axis(context.integer("axis"), context.dims(0)->size());
  infer_same_as_first(context);
}

constexpr double kMvnEpsilon = 1e-9;  // fixed by the standard's function body

void reference_mvn(ReferenceContext& context) {
  const Shape& shape = context.shape(0);
  Shape reduced = shape;
  for (const std::int64_t axis : context.ints("axes")) reduced[context.axis(axis, shape.size())] = 1;
  const std::vector<std::size_t> group = broadcast_indices(reduced, shape);
  std::vector<double> x = context.doubles(0);
  const std::size_t groups = element_count(reduced);
  const double count = static_cast<double>(x.size()) / static_cast<double>(std::max<std::size_t>(1, groups));
  std::vector<double> mean(groups);
  std::vector<double> variance(groups);
  for (std::size_t i = 0; i < x.size(); ++i) mean[group[i]] += x[i] / count;
  for (std::size_t i = 0; i < x.size(); ++i) {
    x[i] -= mean[group[i]];
    variance[group[i]] += x[i] * x[i] / count;
  }
  for (std::size_t i = 0; i < x.size(); ++i) x[i] /= std::sqrt(variance[group[i]]) + kMvnEpsilon;
  context.set_doubles(0, context.dtype(0), shape, x);
}

std::vector<ValueId> decompose_mvn(DecomposeContext& context) {
  const DType dtype = context.type(0).dtype;
  if (dtype == DType::Undefined) return {};
  GraphBuilder& builder = context.builder();
  const ValueId x = context.input(0);
  const ValueId axes = builder.ints(std::get<std::vector<std::int64_t>>(*context.attribute("axes")));
  const ValueId centred = builder.op("Sub", {x, builder.op("ReduceMean", {x, axes})});
  const ValueId variance = builder.op("ReduceMean", {builder.op("Mul", {centred, centred}), axes});
  const double epsilon[] = {kMvnEpsilon};
  const ValueId deviation =
      builder.op("Add", {builder.op("Sqrt", {variance}), builder.constant(from_doubles(dtype, {}, epsilon))});
  return {builder.op("Div", {centred, deviation})};
}

// Krizhevsky et al. 2012: each channel by the squares of `size` channels around it.
void reference_lrn(ReferenceContext& context) {
  const Shape& shape = context.shape(0);
  context.check(shape.size() >= 2, "expected batch and channels, got {}", text(shape));
  const std::int64_t size = context.integer("size");
  context.check(size >= 1, "expected a size of at least 1, got {}", size);
  const std::int64_t channels = shape[1];
  const std::int64_t before = std::min((size - 1) / 2, channels);
  const std::int64_t after = std::min(size - 1 - (size - 1) / 2, channels);
  const std::size_t plane = element_count(std::span(shape).subspan(2));
  const double alpha = context.real("alpha") / static_cast<double>(size);
  const double beta = context.real("beta");
  const double bias = context.real("bias");
  const std::vector<double> x = context.doubles(0);
  std::vector<double> y(x.size());
  for (std::size_t i = 0; i < x.size(); ++i) {
    const std::int64_t c = static_cast<std::int64_t>(i / plane) % channels;
    double sum = 0;
    for (std::int64_t k = std::max<std::int64_t>(0, c - before); k <= std::min(channels - 1, c + after);
         ++k) {
      const double value = x[i + static_cast<std::size_t>(k) * plane - static_cast<std::size_t>(c) * plane];
      sum += value * value;
    }
    y[i] = x[i] / std::pow(bias + alpha * sum, beta);
  }
  context.set_doubles(0, context.dtype(0), shape, y);
}

Cost cost_per_element(const CostContext& context, double operations) {
  Cost cost = context.traffic();
  cost.add_operations(context.input_dtype(0), operations * context.output_elements(0));
  return cost;
}

}  // namespace

std::vector<OpDef> vector_normalization() {
  return {
      {.name = "LRN",
       .schema =
           {"X:T -> Y:T",
            {{"T", types::kFloats}},
            {{"alpha", 1e-4f}, {"beta", 0.75f}, {"bias", 1.0f}, {"size", AttributeKind::Integer, kRequired}}},
       .infer = infer_same_as_first,
       .reference = reference_lrn,
       .cost =
           [](const CostContext& context) {
             return cost_per_element(context, 2.0 * static_cast<double>(context.integer("size")) + 4);
           }},
      {.name = "LpNormalization",
       .schema = {"input:T -> output:T", {{"T", types::kFloats}}, {{"axis", -1}, {"p", 2}}},
       .infer = infer_lp_norm,
       .reference = reference_lp_norm,
       .cost = [](const CostContext& context) { return cost_per_element(context, 3); }},
      {.name = "MeanVarianceNormalization",
       .schema = {"X:T -> Y:T", {{"T", types::kFloats}}, {{"axes", std::vector<std::int64_t>{0, 2, 3}}}},
       .infer = infer_same_as_first,
       .reference = reference_mvn,
       .decompose = decompose_mvn,
       .cost = [](const CostContext& context) { return cost_per_element(context, 6); }},
  };
}

}  // namespace atlas::ops
