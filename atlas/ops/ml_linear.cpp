// Linear models of ai.onnx.ml.
#include <algorithm>

#include "atlas/ops/families.h"
#include "atlas/ops/ml_scores.h"

namespace atlas::ops {
namespace {

/// X [rows, features] times W^T [features, outputs] plus intercepts, each score rounded to f32, by rows.
std::vector<std::vector<double>> linear_scores(const ReferenceContext& context, std::size_t outputs) {
  const Rows rows = input_rows(context);
  const std::vector<float> weights = context.reals("coefficients");
  const std::vector<float> intercepts = context.reals("intercepts");
  context.check(weights.size() == outputs * rows.features,
                "expected {} coefficients ({} outputs of {} features), got {}", outputs * rows.features,
                outputs, rows.features, weights.size());
  context.check(intercepts.empty() || intercepts.size() == outputs, "expected {} intercepts, got {}", outputs,
                intercepts.size());
  const std::vector<double> x = context.doubles(0);
  std::vector<std::vector<double>> out(rows.count, std::vector<double>(outputs));
  for (std::size_t row = 0; row < rows.count; ++row) {
    for (std::size_t k = 0; k < outputs; ++k) {
      double sum = intercepts.empty() ? 0 : intercepts[k];
      for (std::size_t i = 0; i < rows.features; ++i)
        sum += x[row * rows.features + i] * weights[k * rows.features + i];
      out[row][k] = static_cast<float>(sum);
    }
  }
  return out;
}

void infer_linear_regressor(InferContext& context) {
  context.set_output(0, DType::F32, Dims{input_row_count(context), Dim(context.integer("targets"))});
}

void linear_regressor(ReferenceContext& context) {
  const std::int64_t targets = context.integer("targets");
  context.check(targets >= 1, "attribute 'targets' is {}", targets);
  const PostTransform transform = post_transform(context);
  const auto scores = linear_scores(context, static_cast<std::size_t>(targets));
  std::vector<double> out;
  for (const auto& row : scores) {
    const std::vector<double> values = transformed(row, transform);
    out.insert(out.end(), values.begin(), values.end());
  }
  context.set_doubles(0, DType::F32, {static_cast<std::int64_t>(scores.size()), targets}, out);
}

void infer_linear_classifier(InferContext& context) {
  const Dim rows = input_row_count(context);
  context.set_output(0, class_label_dtype(context), Dims{rows});
  context.set_output(1, DType::F32, Dims{rows, Dim()});
}

// One set of coefficients separates two classes: a score above 0 is the second. Without labels the classes
// are 0 and 1, and the score stays one.
void linear_classifier(ReferenceContext& context) {
  ClassLabels labels = class_labels(context, "classlabels_ints", true);
  const PostTransform transform = post_transform(context);
  const std::size_t features = input_rows(context).features;
  std::size_t outputs = context.reals("intercepts").size();
  if (outputs == 0) outputs = features == 0 ? 0 : context.reals("coefficients").size() / features;
  const bool is_binary = outputs == 1;
  const LoneScore lone = labels.size() == 0 ? LoneScore::Keep : LoneScore::Probability;
  if (is_binary && labels.size() == 0) labels.integers = {0, 1};
  context.check(labels.size() == (is_binary ? 2 : outputs), "expected {} class labels, got {}",
                is_binary ? 2 : outputs, labels.size());

  std::vector<std::size_t> classes;
  std::vector<double> out;
  const std::size_t width = is_binary && lone != LoneScore::Keep ? 2 : outputs;
  for (const std::vector<double>& row : linear_scores(context, outputs)) {
    const auto best = std::max_element(row.begin(), row.end()) - row.begin();
    classes.push_back(is_binary ? row[0] > 0 : static_cast<std::size_t>(best));
    const std::vector<double> values = transformed(row, transform, lone);
    out.insert(out.end(), values.begin(), values.end());
  }
  context.set_output(0, labels.at(classes));
  context.set_doubles(1, DType::F32,
                      {static_cast<std::int64_t>(classes.size()), static_cast<std::int64_t>(width)}, out);
}

}  // namespace

std::vector<OpDef> ml_linear() {
  constexpr TypeSet kInputs = {DType::F32, DType::F64, DType::I64, DType::I32};
  return {
      {.domain = "ai.onnx.ml",
       .name = "LinearClassifier",
       .schema = {"X:T1 -> Y:T2, Z:f32",
                  {{"T1", kInputs}, {"T2", {DType::String, DType::I64}}},
                  {{"coefficients", AttributeKind::Reals, kRequired},
                   {"intercepts", AttributeKind::Reals},
                   {"multi_class", 0},
                   {"classlabels_strings", AttributeKind::Strings},
                   {"classlabels_ints", AttributeKind::Integers},
                   {"post_transform", "NONE"}}},
       .infer = infer_linear_classifier,
       .reference = linear_classifier},
      {.domain = "ai.onnx.ml",
       .name = "LinearRegressor",
       .schema = {"X:T -> Y:f32",
                  {{"T", kInputs}},
                  {{"post_transform", "NONE"},
                   {"coefficients", AttributeKind::Reals},
                   {"intercepts", AttributeKind::Reals},
                   {"targets", 1}}},
       .infer = infer_linear_regressor,
       .reference = linear_regressor},
  };
}

}  // namespace atlas::ops
