// Normalisation by the statistics of a batch, given or (in training) taken from it.
#include <cmath>

#include "atlas/ops/cost_context.h"
#include "atlas/ops/families.h"
#include "atlas/ops/infer_context.h"
#include "atlas/ops/reference_context.h"

namespace atlas::ops {
namespace {

// Input `i`: one number for each channel.
std::vector<double> per_channel(const ReferenceContext& context, std::size_t i, std::size_t channels) {
  std::vector<double> out = context.doubles(i);
  context.check(out.size() == channels, "expected {} numbers as input {}, got {}", channels, i, out.size());
  return out;
}

void reference_batch_norm(ReferenceContext& context) {
  const Shape& shape = context.shape(0);
  context.check(!shape.empty(), "expected a batch, got a scalar");
  // A batch of rank 1 has one channel.
  const std::size_t channels = shape.size() > 1 ? static_cast<std::size_t>(shape[1]) : 1;
  const std::size_t plane = shape.size() > 2 ? element_count(std::span(shape).subspan(2)) : 1;
  std::vector<double> x = context.doubles(0);
  const std::vector<double> scale = per_channel(context, 1, channels);
  const std::vector<double> bias = per_channel(context, 2, channels);
  std::vector<double> mean = per_channel(context, 3, channels);
  std::vector<double> variance = per_channel(context, 4, channels);
  const auto channel = [&](std::size_t i) { return i / plane % channels; };
  if (context.integer("training_mode") != 0) {
    const double momentum = context.real("momentum");
    const double count =
        static_cast<double>(x.size()) / static_cast<double>(std::max<std::size_t>(1, channels));
    std::vector<double> batch_mean(channels);
    std::vector<double> batch_variance(channels);
    for (std::size_t i = 0; i < x.size(); ++i) batch_mean[channel(i)] += x[i] / count;
    for (std::size_t i = 0; i < x.size(); ++i) {
      const double difference = x[i] - batch_mean[channel(i)];
      batch_variance[channel(i)] += difference * difference / count;
    }
    for (std::size_t c = 0; c < channels; ++c) {
      mean[c] = mean[c] * momentum + batch_mean[c] * (1 - momentum);
      variance[c] = variance[c] * momentum + batch_variance[c] * (1 - momentum);
    }
    const Shape statistics = {static_cast<std::int64_t>(channels)};
    context.set_doubles(1, context.dtype(3), statistics, mean);
    context.set_doubles(2, context.dtype(4), statistics, variance);
    mean = std::move(batch_mean);
    variance = std::move(batch_variance);
  } else {
    context.check(!context.has_output(1) && !context.has_output(2),
                  "expected training_mode where running statistics are wanted");
  }
  const double epsilon = context.real("epsilon");
  for (std::size_t i = 0; i < x.size(); ++i) {
    const std::size_t c = channel(i);
    x[i] = (x[i] - mean[c]) / std::sqrt(variance[c] + epsilon) * scale[c] + bias[c];
  }
  context.set_doubles(0, context.dtype(0), shape, x);
}

void infer_batch_norm(InferContext& context) {
  infer_same_as_first(context);
  Dims statistics(1);
  if (const auto& dims = context.dims(0)) statistics[0] = dims->size() > 1 ? (*dims)[1] : Dim(1);
  context.set_output(1, context.dtype(3), statistics);
  context.set_output(2, context.dtype(4), statistics);
}

// A factor and a summand for each channel; in training their statistics too.
Cost cost_batch_norm(const CostContext& context) {
  Cost cost = context.traffic();
  const double per_element = context.integer("training_mode") != 0 ? 6 : 2;
  cost.add_operations(context.input_dtype(0), per_element * context.output_elements(0));
  return cost;
}

}  // namespace

std::vector<OpDef> batch_normalization() {
  return {
      {.name = "BatchNormalization",
       .schema =
           {"X:T, scale:T1, B:T1, input_mean:T2, input_var:T2 -> Y:T, running_mean?:T2, running_var?:T2",
            {{"T", types::kFloats}, {"T1", types::kFloats}, {"T2", types::kFloats}},
            {{"epsilon", 1e-5f}, {"momentum", 0.9f}, {"training_mode", 0}}},
       .infer = infer_batch_norm,
       .reference = reference_batch_norm,
       .cost = cost_batch_norm},
  };
}

}  // namespace atlas::ops
