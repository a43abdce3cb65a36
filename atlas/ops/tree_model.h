// A tree operator of ai.onnx.ml read from its node: what a row's scores and its class are.
#pragma once

#include <optional>
#include <vector>

#include "atlas/ops/ml_scores.h"
#include "atlas/ops/tree_ensemble.h"

namespace atlas {

class TreeModel {
 public:
  /// Of a TreeEnsemble, TreeEnsembleClassifier or TreeEnsembleRegressor. Throws InvalidArgument.
  static TreeModel read(const NodeAttributes& node);

  /// Of a classifier.
  const std::optional<ClassLabels>& labels() const { return labels_; }
  /// Scores of a row.
  std::size_t width() const { return trees_.targets; }
  /// Of the scores for an input of type `input`.
  DType score_dtype(DType input) const { return follows_input_ ? input : DType::F32; }
  /// Features that a row must have at least.
  std::size_t features() const { return features_; }

  struct Answer {
    std::vector<double> scores;  // `width()` of them
    std::size_t winner = 0;      // of labels()
  };
  /// Of `count` rows of features, `stride` numbers from one to the next; `single` as TreeEnsemble::score has
  /// it.
  std::vector<Answer> answers(const double* rows, std::size_t count, std::size_t stride, bool single) const;

 private:
  Answer regress(std::vector<Score> scores) const;
  Answer classify(std::vector<Score> scores) const;
  std::size_t decide(std::vector<Score>& scores) const;

  TreeEnsemble trees_;
  std::size_t features_ = 0;
  Aggregate aggregate_ = Aggregate::Sum;
  PostTransform transform_ = PostTransform::None;
  std::vector<double> base_;
  bool follows_input_ = false;
  std::optional<ClassLabels> labels_;
  bool looks_like_probabilities_ = false;  // leaves vote for one of two classes alone, and never below 0
};

}  // namespace atlas
