// Post-transforms and labels.
#include "atlas/ops/ml_scores.h"

#include <algorithm>
#include <cmath>
#include <numbers>

namespace atlas {
namespace {

void softmax(std::vector<double>& scores, bool keep_zeros) {
  const double peak = *std::max_element(scores.begin(), scores.end());
  double sum = 0;
  for (double& score : scores) {
    const bool is_zero = keep_zeros && std::abs(score) <= 1e-7;
    score = is_zero ? score * std::exp(-peak) : std::exp(score - peak);
    if (!is_zero) sum += score;
  }
  if (sum == 0) return;
  for (double& score : scores) score /= sum;
}

double probit(double probability) {
  const double x = 2 * probability - 1;
  const double log = std::log((1 - x) * (1 + x));
  const double v = 2 / (std::numbers::pi * 0.147) + 0.5 * log;
  const double root = std::sqrt(-v + std::sqrt(v * v - log / 0.147));
  return std::numbers::sqrt2 * (x < 0 ? -root : root);
}

}  // namespace

std::optional<PostTransform> post_transform_from_name(std::string_view name) {
  if (name == "NONE") return PostTransform::None;
  if (name == "SOFTMAX") return PostTransform::Softmax;
  if (name == "LOGISTIC") return PostTransform::Logistic;
  if (name == "SOFTMAX_ZERO") return PostTransform::SoftmaxZero;
  if (name == "PROBIT") return PostTransform::Probit;
  return std::nullopt;
}

PostTransform post_transform(const NodeAttributes& context) {
  const std::string name = context.string("post_transform");
  const auto transform = post_transform_from_name(name);
  context.check(
      transform.has_value(),
      "attribute 'post_transform' is '{}', expected NONE, SOFTMAX, LOGISTIC, SOFTMAX_ZERO or PROBIT", name);
  return *transform;
}

double logistic(double x) {
  return x >= 0 ? 1 / (1 + std::exp(-x)) : std::exp(x) / (1 + std::exp(x));
}

std::vector<double> transformed(std::vector<double> scores, PostTransform transform, LoneScore lone) {
  if (scores.size() == 1) {
    double& score = scores.front();
    if (transform == PostTransform::Probit) score = probit(score);
    if (lone != LoneScore::Keep && transform == PostTransform::Logistic)
      return {logistic(-score), logistic(score)};
    if (lone == LoneScore::Probability) return {1 - score, score};
    if (lone == LoneScore::Margin) return {-score, score};
    return scores;
  }
  switch (transform) {
    case PostTransform::None:
      break;
    case PostTransform::Softmax:
    case PostTransform::SoftmaxZero:
      if (!scores.empty()) softmax(scores, transform == PostTransform::SoftmaxZero);
      break;
    case PostTransform::Logistic:
      for (double& score : scores) score = logistic(score);
      break;
    case PostTransform::Probit:
      for (double& score : scores) score = probit(score);
      break;
  }
  return scores;
}

Tensor ClassLabels::at(const std::vector<std::size_t>& classes) const {
  const Shape shape = {static_cast<std::int64_t>(classes.size())};
  Tensor out(dtype(), shape);
  for (std::size_t i = 0; i < classes.size(); ++i) {
    if (strings.empty()) {
      out.values_mutable<std::int64_t>()[i] = integers.at(classes[i]);
    } else {
      out.values_mutable<std::string>()[i] = strings.at(classes[i]);
    }
  }
  return out;
}

ClassLabels class_labels(const NodeAttributes& context, std::string_view integers_name, bool may_lack) {
  ClassLabels out = {context.ints(integers_name), context.strings("classlabels_strings")};
  context.check(out.integers.empty() || out.strings.empty(),
                "expected class labels as integers or as strings, got both");
  context.check(may_lack || out.size() > 0, "expected class labels, got none");
  return out;
}

DType class_label_dtype(const InferContext& context) {
  const Attribute* labels = context.attribute("classlabels_strings");
  const auto* strings = labels ? std::get_if<std::vector<std::string>>(labels) : nullptr;
  return strings == nullptr || strings->empty() ? DType::I64 : DType::String;
}

Rows input_rows(const ReferenceContext& context) {
  const Shape& shape = context.shape(0);
  context.check(shape.size() == 1 || shape.size() == 2, "expected an input of shape [C] or [N,C], got {}",
                text(shape));
  return {shape.size() == 2 ? static_cast<std::size_t>(shape[0]) : 1, static_cast<std::size_t>(shape.back())};
}

Dim input_row_count(const InferContext& context) {
  if (!context.dims(0)) return {};
  const std::size_t rank = context.dims(0)->size();
  context.check(rank == 1 || rank == 2, "expected an input of shape [C] or [N,C], got rank {}", rank);
  return rank == 2 ? context.dims(0)->front() : Dim(1);
}

}  // namespace atlas
