// Linear models of ai.onnx.ml.
#include <algorithm>
#include <numeric>
#include <span>

#include "atlas/ops/families.h"
#include "atlas/ops/formula.h"
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

/// The scores [rows, outputs] in f32; None where the weights do not fit for certain, or f64 is asked for.
ValueId decomposed_scores(Formula& f, std::int64_t outputs, std::span<const float> weights) {
  const Type& type = f.context.type(0);
  if (!type.dims || type.dims->empty() || type.dims->size() > 2 || type.dtype == DType::F64)
    return ValueId::None;
  const auto count = static_cast<std::int64_t>(weights.size());
  if (outputs < 1 || count == 0 || count % outputs != 0 || type.dims->back() != Dim(count / outputs))
    return ValueId::None;
  ValueId x = type.dtype == DType::F32 ? f.input(0) : f.cast(f.input(0), DType::F32);
  if (type.dims->size() == 1) x = f.unsqueeze(x, {0});
  const Attribute* given = f.context.attribute("intercepts");
  ValueId intercepts = ValueId::None;
  if (given != nullptr && !std::get<std::vector<float>>(*given).empty()) {
    const auto& values = std::get<std::vector<float>>(*given);
    if (static_cast<std::int64_t>(values.size()) != outputs) return ValueId::None;
    intercepts = f.builder.constant(Tensor::of<float>({outputs}, values));
  }
  const ValueId matrix = f.builder.constant(Tensor::of<float>({outputs, count / outputs}, weights));
  return f.op("Gemm", {x, matrix, intercepts}, {{"transB", std::int64_t{1}}});
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

std::vector<ValueId> decompose_linear_regressor(DecomposeContext& context) {
  Formula f{context};
  if (post_transform(context) != PostTransform::None) return {};
  const ValueId scores =
      decomposed_scores(f, context.integer("targets"), NodeAttributes(context).reals("coefficients"));
  return scores == ValueId::None ? std::vector<ValueId>() : std::vector{scores};
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

/// (1 - s, s), or their logistics.
ValueId both_scores(Formula& f, ValueId score, PostTransform transform) {
  if (transform == PostTransform::Logistic)
    return f.concat({f.op("Sigmoid", {f.op("Neg", {score})}), f.op("Sigmoid", {score})}, 1);
  return f.concat({f.sub(f.builder.scalar(1), score), score}, 1);
}

std::vector<ValueId> decompose_linear_classifier(DecomposeContext& context) {
  Formula f{context};
  const ClassLabels labels = class_labels(context, "classlabels_ints", true);
  const PostTransform transform = post_transform(context);
  if (labels.size() < 2 || transform == PostTransform::SoftmaxZero || transform == PostTransform::Probit)
    return {};
  const std::vector<float> weights = NodeAttributes(context).reals("coefficients");
  const std::size_t given = NodeAttributes(context).reals("intercepts").size();
  const bool is_binary = labels.size() == 2 && given == 1;
  const ValueId scores =
      decomposed_scores(f, is_binary ? 1 : static_cast<std::int64_t>(labels.size()), weights);
  if (scores == ValueId::None) return {};
  std::vector<std::size_t> all(labels.size());
  std::iota(all.begin(), all.end(), 0);
  const ValueId winner =
      is_binary ? f.cast(f.reshape(f.op("Greater", {scores, f.builder.scalar(0)}), {-1}), DType::I64)
                : f.op("ArgMax", {scores}, {{"axis", std::int64_t{1}}, {"keepdims", std::int64_t{0}}});
  ValueId values = scores;
  if (is_binary) {
    values = both_scores(f, scores, transform);
  } else if (transform == PostTransform::Softmax) {
    values = f.op("Softmax", {scores}, {{"axis", std::int64_t{1}}});
  } else if (transform == PostTransform::Logistic) {
    values = f.op("Sigmoid", {scores});
  }
  return {f.op("Gather", {f.builder.constant(labels.at(all)), winner}), values};
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
       .reference = linear_classifier,
       .decompose = decompose_linear_classifier},
      {.domain = "ai.onnx.ml",
       .name = "LinearRegressor",
       .schema = {"X:T -> Y:f32",
                  {{"T", kInputs}},
                  {{"post_transform", "NONE"},
                   {"coefficients", AttributeKind::Reals},
                   {"intercepts", AttributeKind::Reals},
                   {"targets", 1}}},
       .infer = infer_linear_regressor,
       .reference = linear_regressor,
       .decompose = decompose_linear_regressor},
  };
}

}  // namespace atlas::ops
