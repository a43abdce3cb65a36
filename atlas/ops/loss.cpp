// Losses of classifiers: negative log likelihood, and cross entropy of scores.
#include <cmath>
#include <limits>

#include "atlas/ops/axis_lines.h"
#include "atlas/ops/decompose_context.h"
#include "atlas/ops/families.h"
#include "atlas/ops/infer_context.h"
#include "atlas/ops/reference_context.h"

namespace atlas::ops {
namespace {

template <typename Context>
std::string reduction_of(const Context& context) {
  const std::string reduction = context.string("reduction");
  context.check(reduction == "none" || reduction == "sum" || reduction == "mean",
                "expected none, sum or mean as attribute 'reduction', got '{}'", reduction);
  return reduction;
}

// Input [N, C, d1, ...], target [N, d1, ...]: the loss has the target's shape, or is a scalar.
void infer_loss(InferContext& context) {
  const bool is_scalar = reduction_of(context) != "none";
  std::optional<Dims> dims = context.dims(1);
  if (context.dims(0)) {
    Dims expected = *context.dims(0);
    context.check(expected.size() >= 2, "expected an input of rank 2 or more, got {}", text(expected));
    expected.erase(expected.begin() + 1);
    if (dims) {
      context.check(dims->size() == expected.size(), "expected a target of rank {}, got {}", expected.size(),
                    text(*dims));
      for (std::size_t i = 0; i < expected.size(); ++i)
        context.check(!expected[i].is_constant() || !(*dims)[i].is_constant() || expected[i] == (*dims)[i],
                      "expected a target of shape {}, got {}", text(expected), text(*dims));
    } else {
      dims = expected;
    }
  }
  context.set_output(0, context.dtype(0), is_scalar ? Dims{} : dims);
}

void infer_cross_entropy(InferContext& context) {
  infer_loss(context);
  context.set_output(1, context.input(0));
}

// Sets output 0 from the log probabilities. Targets that are ignored weigh nothing.
void set_loss(ReferenceContext& context, const std::vector<double>& log_probabilities) {
  const Shape& shape = context.shape(0);
  const std::string reduction = reduction_of(context);
  Shape expected = shape;
  expected.erase(expected.begin() + 1);
  context.check(context.shape(1) == expected, "expected a target of shape {}, got {}", text(expected),
                text(context.shape(1)));
  const std::vector<std::int64_t> targets = context.integers(1);
  const bool has_weights = context.has_input(2);
  const std::vector<double> weights = has_weights ? context.doubles(2) : std::vector<double>{};
  context.check(!has_weights || context.shape(2) == Shape{shape[1]}, "expected weights of shape [{}], got {}",
                shape[1], has_weights ? text(context.shape(2)) : "");
  const bool has_ignored = context.has_attribute("ignore_index");
  const std::int64_t ignored = context.integer("ignore_index");

  std::vector<double> losses;
  double sum = 0;
  double total_weight = 0;
  for_each_line(shape, 1, [&](std::size_t first, std::size_t step) {
    const std::int64_t target = targets[losses.size()];
    losses.push_back(0);
    if (has_ignored && target == ignored) return;
    context.check(target >= 0 && target < shape[1], "target {} is not in [0, {})", target, shape[1]);
    const double weight = has_weights ? weights[static_cast<std::size_t>(target)] : 1;
    losses.back() = -log_probabilities[first + step * static_cast<std::size_t>(target)] * weight;
    sum += losses.back();
    total_weight += weight;
  });
  if (reduction == "none") return context.set_doubles(0, context.dtype(0), context.shape(1), losses);
  const double loss = reduction == "sum" ? sum : sum / total_weight;
  context.set_doubles(0, context.dtype(0), {}, {&loss, 1});
}

void check_rank(const ReferenceContext& context) {
  context.check(context.shape(0).size() >= 2, "expected an input of rank 2 or more, got {}",
                text(context.shape(0)));
}

void reference_negative_log_likelihood(ReferenceContext& context) {
  check_rank(context);
  set_loss(context, context.doubles(0));
}

void reference_cross_entropy(ReferenceContext& context) {
  check_rank(context);
  const auto length = static_cast<std::size_t>(context.shape(0)[1]);
  std::vector<double> values = context.doubles(0);
  for_each_line(context.shape(0), 1, [&](std::size_t first, std::size_t step) {
    double largest = -std::numeric_limits<double>::infinity();
    for (std::size_t k = 0; k < length; ++k) largest = std::fmax(largest, values[first + k * step]);
    double sum = 0;
    for (std::size_t k = 0; k < length; ++k) sum += std::exp(values[first + k * step] - largest);
    for (std::size_t k = 0; k < length; ++k) values[first + k * step] -= largest + std::log(sum);
  });
  set_loss(context, values);
  context.set_doubles(1, context.dtype(0), context.shape(0), values);
}

std::vector<ValueId> decompose_negative_log_likelihood(DecomposeContext& context) {
  GraphBuilder& builder = context.builder();
  const ValueId input = context.input(0);
  const ValueId class_axis = builder.ints({1});
  const auto scalar = [&](double value) {
    return builder.op("CastLike", {builder.constant(Tensor::scalar(value)), input});
  };
  ValueId target = context.input(1);
  ValueId is_ignored = ValueId::None;
  if (const Attribute* ignored = context.attribute("ignore_index")) {
    const auto like_target = [&](std::int64_t value) {
      return builder.op("CastLike", {builder.constant(Tensor::scalar(value)), context.input(1)});
    };
    is_ignored = builder.op("Equal", {target, like_target(std::get<std::int64_t>(*ignored))});
    target = builder.op("Where", {is_ignored, like_target(0), target});
  }
  const ValueId picked = builder.op("GatherElements", {input, builder.op("Unsqueeze", {target, class_axis})},
                                    {{"axis", std::int64_t{1}}});
  ValueId loss = builder.op("Neg", {builder.op("Squeeze", {picked, class_axis})});
  ValueId weight = ValueId::None;
  if (context.has_input(2)) weight = builder.op("Gather", {context.input(2), target});
  if (is_ignored != ValueId::None)
    weight = builder.op("Where", {is_ignored, scalar(0), weight == ValueId::None ? scalar(1) : weight});
  if (weight != ValueId::None) loss = builder.op("Mul", {loss, weight});

  const std::string& reduction = std::get<std::string>(*context.attribute("reduction"));
  if (reduction == "none") return {loss};
  const Attributes all = {{"keepdims", std::int64_t{0}}};
  if (reduction == "mean" && weight == ValueId::None) return {builder.op("ReduceMean", {loss}, all)};
  const ValueId sum = builder.op("ReduceSum", {loss}, all);
  return {reduction == "sum" ? sum : builder.op("Div", {sum, builder.op("ReduceSum", {weight}, all)})};
}

std::vector<ValueId> decompose_cross_entropy(DecomposeContext& context) {
  GraphBuilder& builder = context.builder();
  const ValueId log_probability = builder.op("LogSoftmax", {context.input(0)}, {{"axis", std::int64_t{1}}});
  std::vector<ValueId> inputs = {log_probability, context.input(1)};
  if (context.has_input(2)) inputs.push_back(context.input(2));
  const ValueId loss = builder.op("NegativeLogLikelihoodLoss", inputs, context.node().attributes);
  return {loss, log_probability};
}

}  // namespace

std::vector<OpDef> loss() {
  return {
      {.name = "NegativeLogLikelihoodLoss",
       .schema = {"input:T, target:Tind, weight?:T -> loss:T",
                  {{"T", types::kFloats}, {"Tind", types::kIndices}},
                  {{"ignore_index", AttributeKind::Integer}, {"reduction", "mean"}}},
       .infer = infer_loss,
       .reference = reference_negative_log_likelihood,
       .decompose = decompose_negative_log_likelihood},
      {.name = "SoftmaxCrossEntropyLoss",
       .schema = {"scores:T, labels:Tind, weights?:T -> output:T, log_prob?:T",
                  {{"T", types::kFloats}, {"Tind", types::kIndices}},
                  {{"ignore_index", AttributeKind::Integer}, {"reduction", "mean"}}},
       .infer = infer_cross_entropy,
       .reference = reference_cross_entropy,
       .decompose = decompose_cross_entropy},
  };
}

}  // namespace atlas::ops
