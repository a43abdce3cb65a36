// Support vector machines of ai.onnx.ml.
#include <algorithm>
#include <cmath>
#include <numeric>

#include "atlas/ops/families.h"
#include "atlas/ops/ml_scores.h"

namespace atlas::ops {
namespace {

using Doubles = std::vector<double>;

/// k(a, b) of two vectors of features, with the node's parameters.
class Kernel {
 public:
  /// `linear`: whatever the node says.
  Kernel(const ReferenceContext& context, bool linear) : type_(context.string("kernel_type")) {
    if (linear) type_ = "LINEAR";
    context.check(type_ == "LINEAR" || type_ == "POLY" || type_ == "RBF" || type_ == "SIGMOID",
                  "attribute 'kernel_type' is '{}', expected LINEAR, POLY, RBF or SIGMOID", type_);
    std::vector<float> parameters = context.reals("kernel_params");
    context.check(parameters.empty() || parameters.size() == 3, "expected 3 kernel parameters, got {}",
                  parameters.size());
    parameters.resize(3);
    gamma_ = parameters[0];
    offset_ = parameters[1];
    degree_ = parameters[2];
  }

  double operator()(const double* a, const float* b, std::size_t features) const {
    double sum = 0;
    if (type_ == "RBF") {
      for (std::size_t i = 0; i < features; ++i) sum += (a[i] - b[i]) * (a[i] - b[i]);
      return std::exp(-gamma_ * sum);
    }
    for (std::size_t i = 0; i < features; ++i) sum += a[i] * b[i];
    if (type_ == "POLY") return std::pow(gamma_ * sum + offset_, degree_);
    if (type_ == "SIGMOID") return std::tanh(gamma_ * sum + offset_);
    return sum;
  }

 private:
  std::string type_;
  double gamma_, offset_, degree_;
};

/// Kernel of a row with each of the `count` vectors.
Doubles kernels(const Kernel& kernel, const double* row, const std::vector<float>& vectors, std::size_t count,
                std::size_t features) {
  Doubles out(count);
  for (std::size_t i = 0; i < count; ++i) out[i] = kernel(row, vectors.data() + i * features, features);
  return out;
}

void infer_svm_regressor(InferContext& context) {
  context.set_output(0, DType::F32, Dims{input_row_count(context), Dim(1)});
}

// Without support vectors the coefficients are those of a linear model. As in ONNX Runtime, no post-transform
// is applied.
void svm_regressor(ReferenceContext& context) {
  const Rows rows = input_rows(context);
  post_transform(context);
  const std::int64_t given = context.integer("n_supports");
  context.check(given >= 0, "attribute 'n_supports' is {}", given);
  const bool is_linear = given == 0;
  const Kernel kernel(context, is_linear);
  const std::vector<float> coefficients = context.reals("coefficients");
  const std::vector<float> vectors = is_linear ? coefficients : context.reals("support_vectors");
  const std::size_t count = is_linear ? 1 : static_cast<std::size_t>(given);
  const std::vector<float> rho = context.reals("rho");
  context.check(rho.size() == 1, "expected one number as 'rho', got {}", rho.size());
  context.check(vectors.size() / count == rows.features && vectors.size() % count == 0,
                "expected {} vectors of {} features, got {} numbers", count, rows.features, vectors.size());
  context.check(is_linear || coefficients.size() == count, "expected {} coefficients, got {}", count,
                coefficients.size());

  const Doubles x = context.doubles(0);
  Doubles out;
  for (std::size_t row = 0; row < rows.count; ++row) {
    const Doubles k = kernels(kernel, x.data() + row * rows.features, vectors, count, rows.features);
    double sum = rho[0];
    for (std::size_t i = 0; i < count; ++i) sum += is_linear ? k[i] : coefficients[i] * k[i];
    out.push_back(context.integer("one_class") == 0 ? sum : sum > 0 ? 1 : -1);
  }
  context.set_doubles(0, DType::F32, {static_cast<std::int64_t>(rows.count), 1}, out);
}

/// Class probabilities from those of pairs, pairs[i * n + j] = P(i | i or j): the second method of Wu, Lin
/// and Weng, "Probability estimates for multi-class classification by pairwise coupling", JMLR 2004, with
/// libsvm's bounds on error and steps.
Doubles coupled_probabilities(const Doubles& pairs, std::size_t n) {
  Doubles q(n * n), p(n, 1.0 / static_cast<double>(n)), qp(n);
  for (std::size_t t = 0; t < n; ++t) {
    for (std::size_t j = 0; j < n; ++j) {
      if (j == t) continue;
      q[t * n + t] += pairs[j * n + t] * pairs[j * n + t];
      q[t * n + j] = -pairs[j * n + t] * pairs[t * n + j];
    }
  }
  const double tolerance = 0.005 / static_cast<double>(n);
  for (std::size_t step = 0; step < std::max<std::size_t>(100, n); ++step) {
    for (std::size_t t = 0; t < n; ++t)
      qp[t] = std::inner_product(p.begin(), p.end(), q.begin() + static_cast<std::ptrdiff_t>(t * n), 0.0);
    double pqp = std::inner_product(p.begin(), p.end(), qp.begin(), 0.0);
    double error = 0;
    for (const double value : qp) error = std::max(error, std::abs(value - pqp));
    if (error < tolerance) break;
    for (std::size_t t = 0; t < n; ++t) {
      const double change = (pqp - qp[t]) / q[t * n + t];
      const double scale = 1 + change;
      p[t] += change;
      pqp = (pqp + change * (change * q[t * n + t] + 2 * qp[t])) / scale / scale;
      for (std::size_t j = 0; j < n; ++j) {
        qp[j] = (qp[j] + change * q[t * n + j]) / scale;
        p[j] /= scale;
      }
    }
  }
  return p;
}

/// Scores of a row and the class they speak for.
struct Verdict {
  Doubles scores;
  std::size_t winner = 0;
};

std::size_t largest(const Doubles& values) {
  return static_cast<std::size_t>(std::max_element(values.begin(), values.end()) - values.begin());
}

/// One machine for each pair of classes; each gives one vote.
class PairwiseSvm {
 public:
  PairwiseSvm(const ReferenceContext& context, std::size_t classes, std::size_t features)
      : kernel_(context, false),
        classes_(classes),
        features_(features),
        vectors_(context.reals("support_vectors")),
        coefficients_(context.reals("coefficients")),
        rho_(context.reals("rho")),
        prob_a_(context.reals("prob_a")),
        prob_b_(context.reals("prob_b")) {
    const std::vector<std::int64_t> counts = context.ints("vectors_per_class");
    context.check(counts.size() == classes, "expected support vectors of {} classes, got {}", classes,
                  counts.size());
    for (const std::int64_t count : counts) {
      context.check(count >= 0 && count <= static_cast<std::int64_t>(vectors_.size()),
                    "attribute 'vectors_per_class' holds {}", count);
      starts_.push_back(starts_.back() + static_cast<std::size_t>(count));
    }
    const std::size_t pairs = classes * (classes - 1) / 2;
    context.check(starts_.back() * features == vectors_.size(),
                  "expected {} support vectors of {} features, got {} numbers", starts_.back(), features,
                  vectors_.size());
    context.check(coefficients_.size() == (classes - 1) * starts_.back(), "expected {} coefficients, got {}",
                  (classes - 1) * starts_.back(), coefficients_.size());
    context.check(rho_.size() == pairs, "expected {} numbers as 'rho', got {}", pairs, rho_.size());
    context.check(prob_a_.size() == prob_b_.size() && (prob_a_.empty() || prob_a_.size() == pairs),
                  "expected {} numbers as 'prob_a' and 'prob_b', got {} and {}", pairs, prob_a_.size(),
                  prob_b_.size());
  }

  bool has_probabilities() const { return !prob_a_.empty(); }

  Verdict judge(const double* row) const {
    const Doubles k = kernels(kernel_, row, vectors_, starts_.back(), features_);
    Verdict out;
    Doubles votes(classes_);
    for (std::size_t i = 0; i < classes_; ++i) {
      for (std::size_t j = i + 1; j < classes_; ++j) {
        const double sum = part(k, i, j - 1) + part(k, j, i) + rho_[out.scores.size()];
        ++votes[sum > 0 ? i : j];
        out.scores.push_back(sum);
      }
    }
    out.winner = largest(votes);
    if (has_probabilities()) out.scores = probabilities(out.scores);
    return out;
  }

 private:
  // The vectors of class `of`, with the coefficients of row `row` of the matrix [classes - 1, vectors].
  double part(const Doubles& k, std::size_t of, std::size_t row) const {
    double sum = 0;
    for (std::size_t m = starts_[of]; m < starts_[of + 1]; ++m)
      sum += coefficients_[row * starts_.back() + m] * k[m];
    return sum;
  }

  // Platt's sigmoid for each pair.
  Doubles probabilities(const Doubles& scores) const {
    Doubles pairs(classes_ * classes_);
    std::size_t at = 0;
    for (std::size_t i = 0; i < classes_; ++i) {
      for (std::size_t j = i + 1; j < classes_; ++j, ++at) {
        const double p = std::clamp(logistic(-scores[at] * prob_a_[at] - prob_b_[at]), 1e-7, 1 - 1e-7);
        pairs[i * classes_ + j] = p;
        pairs[j * classes_ + i] = 1 - p;
      }
    }
    return coupled_probabilities(pairs, classes_);
  }

  Kernel kernel_;
  std::size_t classes_, features_;
  std::vector<float> vectors_, coefficients_, rho_, prob_a_, prob_b_;
  std::vector<std::size_t> starts_ = {0};  // of each class among the vectors, and their count
};

/// Without support vectors: a linear score for each class, all shifted by the first rho.
class LinearSvm {
 public:
  LinearSvm(const ReferenceContext& context, std::size_t classes, std::size_t features)
      : kernel_(context, true),
        classes_(classes),
        features_(features),
        coefficients_(context.reals("coefficients")),
        rho_(context.reals("rho")),
        has_probabilities_(!context.reals("prob_a").empty()) {
    context.check(coefficients_.size() == classes * features, "expected {} coefficients, got {}",
                  classes * features, coefficients_.size());
    context.check(!rho_.empty(), "expected a number as 'rho', got none");
    all_positive_ = std::ranges::all_of(coefficients_, [](float value) { return value >= 0; });
  }

  // Of two classes with one rho the second wins by a threshold and not by comparison, as in ONNX Runtime.
  Verdict judge(const double* row) const {
    Verdict out = {kernels(kernel_, row, coefficients_, classes_, features_)};
    for (double& score : out.scores) score += rho_[0];
    out.winner = largest(out.scores);
    const double best = out.scores[out.winner];
    if (classes_ == 2 && rho_.size() == 1 && !has_probabilities_ && (all_positive_ ? best >= 0.5 : best > 0))
      out.winner = 1;
    return out;
  }

 private:
  Kernel kernel_;
  std::size_t classes_, features_;
  std::vector<float> coefficients_, rho_;
  bool has_probabilities_;
  bool all_positive_;
};

void infer_svm_classifier(InferContext& context) {
  const Dim rows = input_row_count(context);
  context.set_output(0, class_label_dtype(context), Dims{rows});
  context.set_output(1, DType::F32, Dims{rows, Dim()});
}

void svm_classifier(ReferenceContext& context) {
  const ClassLabels labels = class_labels(context, "classlabels_ints");
  const PostTransform transform = post_transform(context);
  const Rows rows = input_rows(context);
  context.check(labels.size() >= 2, "expected two class labels or more, got {}", labels.size());
  const Doubles x = context.doubles(0);
  std::vector<std::size_t> classes;
  Doubles out;
  std::size_t width = labels.size();
  const auto classify = [&](const auto& machine) {
    const LoneScore lone = transform == PostTransform::None ? LoneScore::Margin : LoneScore::Probability;
    for (std::size_t row = 0; row < rows.count; ++row) {
      const Verdict verdict = machine.judge(x.data() + row * rows.features);
      classes.push_back(verdict.winner);
      const Doubles values = transformed(verdict.scores, transform, lone);
      out.insert(out.end(), values.begin(), values.end());
    }
  };
  if (context.ints("vectors_per_class").empty()) {
    classify(LinearSvm(context, labels.size(), rows.features));
  } else {
    const PairwiseSvm machine(context, labels.size(), rows.features);
    if (!machine.has_probabilities() && width > 2) width = width * (width - 1) / 2;
    classify(machine);
  }
  context.set_output(0, labels.at(classes));
  context.set_doubles(1, DType::F32,
                      {static_cast<std::int64_t>(rows.count), static_cast<std::int64_t>(width)}, out);
}

}  // namespace

std::vector<OpDef> ml_svm() {
  constexpr TypeSet kInputs = {DType::F32, DType::F64, DType::I64, DType::I32};
  return {
      {.domain = "ai.onnx.ml",
       .name = "SVMClassifier",
       .schema = {"X:T1 -> Y:T2, Z:f32",
                  {{"T1", kInputs}, {"T2", {DType::String, DType::I64}}},
                  {{"kernel_type", "LINEAR"},
                   {"kernel_params", AttributeKind::Reals},
                   {"vectors_per_class", AttributeKind::Integers},
                   {"support_vectors", AttributeKind::Reals},
                   {"coefficients", AttributeKind::Reals},
                   {"prob_a", AttributeKind::Reals},
                   {"prob_b", AttributeKind::Reals},
                   {"rho", AttributeKind::Reals},
                   {"post_transform", "NONE"},
                   {"classlabels_strings", AttributeKind::Strings},
                   {"classlabels_ints", AttributeKind::Integers}}},
       .infer = infer_svm_classifier,
       .reference = svm_classifier},
      {.domain = "ai.onnx.ml",
       .name = "SVMRegressor",
       .schema = {"X:T -> Y:f32",
                  {{"T", kInputs}},
                  {{"kernel_type", "LINEAR"},
                   {"kernel_params", AttributeKind::Reals},
                   {"support_vectors", AttributeKind::Reals},
                   {"one_class", 0},
                   {"coefficients", AttributeKind::Reals},
                   {"n_supports", 0},
                   {"post_transform", "NONE"},
                   {"rho", AttributeKind::Reals}}},
       .infer = infer_svm_regressor,
       .reference = svm_regressor},
  };
}

}  // namespace atlas::ops
