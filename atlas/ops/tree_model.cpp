// How votes become scores and a class: what ONNX Runtime does where the standard leaves it open.
#include "atlas/ops/tree_model.h"

#include <algorithm>
#include <map>
#include <set>

#include "atlas/ops/result_limit.h"
#include "atlas/ops/tree_reader.h"

namespace atlas {
namespace {

using Doubles = std::vector<double>;
using Ints = std::vector<std::int64_t>;

std::size_t target_count(const NodeAttributes& node, std::string_view ids) {
  const Ints targets = node.ints(ids);
  const std::int64_t most = targets.empty() ? 0 : *std::ranges::max_element(targets);
  const std::int64_t count = node.has_attribute("n_targets") ? node.integer("n_targets") : most + 1;
  node.check(count >= 1, "expected a target, got {}", count);
  node.check(static_cast<std::size_t>(count) <= kLargestComputedResult, "{} targets", count);
  return static_cast<std::size_t>(count);
}

Aggregate aggregate_by_name(const NodeAttributes& node) {
  static const std::map<std::string_view, Aggregate> kAggregates = {{"AVERAGE", Aggregate::Average},
                                                                    {"SUM", Aggregate::Sum},
                                                                    {"MIN", Aggregate::Min},
                                                                    {"MAX", Aggregate::Max}};
  const std::string name = node.string("aggregate_function");
  const auto found = kAggregates.find(name);
  node.check(found != kAggregates.end(), "attribute 'aggregate_function' is '{}'", name);
  return found->second;
}

}  // namespace

TreeModel TreeModel::read(const NodeAttributes& node) {
  TreeModel out;
  if (node.node().op == "TreeEnsemble") {
    const std::int64_t aggregate = node.integer("aggregate_function");
    const std::int64_t transform = node.integer("post_transform");
    node.check(aggregate >= 0 && aggregate <= 3, "attribute 'aggregate_function' is {}", aggregate);
    node.check(transform >= 0 && transform <= 4, "attribute 'post_transform' is {}", transform);
    out.trees_ = read_indexed_trees(node, target_count(node, "leaf_targetids"));
    out.aggregate_ = static_cast<Aggregate>(aggregate);
    out.transform_ = static_cast<PostTransform>(transform);
    out.follows_input_ = true;
  } else if (node.node().op == "TreeEnsembleRegressor") {
    out.aggregate_ = aggregate_by_name(node);
    out.trees_ = read_named_trees(node, "target", target_count(node, "target_ids"));
    out.transform_ = post_transform(node);
    out.base_ = number_list(node, "base_values");
    node.check(out.base_.empty() || out.base_.size() == out.width(), "expected {} base values, got {}",
               out.width(), out.base_.size());
  } else {
    out.labels_ = class_labels(node, "classlabels_int64s");
    const std::size_t classes = out.labels_->size();
    out.transform_ = post_transform(node);
    out.base_ = number_list(node, "base_values");
    out.trees_ = read_named_trees(node, "class", classes);
    node.check(out.base_.empty() || out.base_.size() == classes || (out.base_.size() == 1 && classes == 2),
               "expected {} base values, got {}", classes, out.base_.size());
    const Ints voted = node.ints("class_ids");
    const bool one_voted = classes == 2 && std::set(voted.begin(), voted.end()).size() == 1;
    out.looks_like_probabilities_ =
        one_voted && std::ranges::all_of(number_list(node, "class_weights"), [](double w) { return w >= 0; });
    if (classes == 1) {
      node.check(out.labels_->strings.empty(), "expected two class labels or more, got 1");
      out.labels_->integers = {0, 1};
    }
  }
  out.features_ = out.trees_.features();
  return out;
}

std::vector<TreeModel::Answer> TreeModel::answers(const double* rows, std::size_t count, std::size_t stride,
                                                  bool single) const {
  std::vector<Score> scores(count * trees_.targets);
  trees_.score(rows, count, stride, aggregate_, single, scores);
  std::vector<Answer> out;
  out.reserve(count);
  for (std::size_t row = 0; row < count; ++row) {
    const auto own = scores.begin() + static_cast<std::ptrdiff_t>(row * trees_.targets);
    std::vector<Score> of_row(own, own + static_cast<std::ptrdiff_t>(trees_.targets));
    out.push_back(labels_ ? classify(std::move(of_row)) : regress(std::move(of_row)));
  }
  return out;
}

// A target that no leaf voted for stays at 0, base value or not.
TreeModel::Answer TreeModel::regress(std::vector<Score> scores) const {
  Doubles values;
  values.reserve(scores.size());
  for (const Score& score : scores) {
    const bool has_base = !base_.empty() && (score.is_set || scores.size() == 1);
    values.push_back(has_base ? score.value + base_[values.size()] : score.value);
  }
  return {transformed(std::move(values), transform_), 0};
}

TreeModel::Answer TreeModel::classify(std::vector<Score> scores) const {
  const std::size_t winner = decide(scores);
  LoneScore lone = LoneScore::Keep;
  if (trees_.targets == 2 && !scores[1].is_set && base_.size() < 2) {
    scores.pop_back();
    lone = looks_like_probabilities_ ? LoneScore::Probability : LoneScore::Margin;
  }
  Doubles values;
  values.reserve(scores.size());
  for (const Score& score : scores) values.push_back(score.is_set || scores.size() == 1 ? score.value : 0);
  return {transformed(std::move(values), transform_, lone), winner};
}

// Adds base values to the scores and gives the winner. Of one or two classes the second wins by a threshold:
// 0.5 where votes look like probabilities, otherwise 0.
std::size_t TreeModel::decide(std::vector<Score>& scores) const {
  if (trees_.targets > 2) {
    for (std::size_t i = 0; i < base_.size(); ++i) scores[i] = {scores[i].value + base_[i], true};
    std::size_t winner = 0;
    bool found = false;
    for (std::size_t i = 0; i < scores.size(); ++i) {
      if (!scores[i].is_set || (found && scores[i].value <= scores[winner].value)) continue;
      winner = i;
      found = true;
    }
    return winner;
  }
  if (base_.size() == 1) scores[0].value += base_[0];
  if (base_.size() == 2 && scores[1].is_set) {
    scores[1].value = base_[1] + scores[0].value;
    scores[0].value = -scores[1].value;
  } else if (base_.size() == 2) {
    scores[0] = {scores[0].value + base_[0], true};
  }
  const double decisive = scores.back().is_set ? scores.back().value : scores[0].value;
  return decisive > (looks_like_probabilities_ ? 0.5 : 0.0);
}

}  // namespace atlas
