// Tree ensembles; the numbers are ONNX Runtime's.
#include <gtest/gtest.h>

#include "atlas/ops/op_harness_test.h"

namespace atlas {
namespace {

using Reals = std::vector<float>;
using Ints = std::vector<std::int64_t>;
using Names = std::vector<std::string>;

const Tensor kRows = Tensor::of<float>({3, 2}, {0, 0, 2, 0, NAN, 0});

Attributes with(Attributes attributes, std::initializer_list<Attributes::Entry> more) {
  for (const auto& [name, value] : more) attributes.set(name, value);
  return attributes;
}

/// One tree: x[0] <= 1 leads to node 1, otherwise to node 2.
Attributes stump() {
  return {{"nodes_treeids", Ints{0, 0, 0}},
          {"nodes_nodeids", Ints{0, 1, 2}},
          {"nodes_featureids", Ints{0, 0, 0}},
          {"nodes_values", Reals{1, 0, 0}},
          {"nodes_truenodeids", Ints{1, 0, 0}},
          {"nodes_falsenodeids", Ints{2, 0, 0}},
          {"nodes_modes", Names{"BRANCH_LEQ", "LEAF", "LEAF"}}};
}

/// The stump with votes: the first half of them at node 1.
Attributes voting(const std::string& what, Ints ids, Reals weights) {
  Ints nodes(ids.size(), 1);
  std::fill(nodes.begin() + static_cast<std::ptrdiff_t>(nodes.size() / 2), nodes.end(), 2);
  return with(stump(), {{what + "_treeids", Ints(ids.size(), 0)},
                        {what + "_nodeids", nodes},
                        {what + "_ids", ids},
                        {what + "_weights", weights}});
}

OpCase classified(const std::string& what, Attributes attributes, std::initializer_list<std::int64_t> labels,
                  std::initializer_list<float> scores) {
  const auto classes = static_cast<std::int64_t>(scores.size() / 3);
  return {what,
          "ai.onnx.ml::TreeEnsembleClassifier",
          {kRows},
          std::move(attributes),
          {Tensor::of<std::int64_t>({3}, labels), Tensor::of<float>({3, classes}, scores)}};
}

Attributes two_classes(Ints ids, Reals weights, const std::string& transform = "NONE", Reals base = {}) {
  Attributes out = with(voting("class", std::move(ids), std::move(weights)),
                        {{"classlabels_int64s", Ints{3, 7}}, {"post_transform", transform}});
  if (!base.empty()) out.set("base_values", base);
  return out;
}

TEST(MlTrees, VotesForOneOfTwoClasses) {
  check_cases({
      classified("probabilities", two_classes({0, 0}, {.3f, .8f}), {3, 7, 7}, {.7f, .3f, .2f, .8f, .2f, .8f}),
      classified("margins", two_classes({0, 0}, {-.3f, .8f}), {3, 7, 7}, {.3f, -.3f, -.8f, .8f, -.8f, .8f}),
      classified("logistic of probabilities", two_classes({0, 0}, {.3f, .8f}, "LOGISTIC"), {3, 7, 7},
                 {.425558f, .574442f, .310026f, .689974f, .310026f, .689974f}),
      classified("logistic of margins", two_classes({0, 0}, {-.3f, .8f}, "LOGISTIC"), {3, 7, 7},
                 {.574442f, .425558f, .310026f, .689974f, .310026f, .689974f}),
      classified("second class", two_classes({1, 1}, {.3f, .8f}), {3, 7, 7}, {0, .3f, 0, .8f, 0, .8f}),
      classified("second class, softmax", two_classes({1, 1}, {.3f, .8f}, "SOFTMAX"), {3, 7, 7},
                 {.425557f, .574442f, .310026f, .689974f, .310026f, .689974f}),
  });
}

TEST(MlTrees, BaseValuesOfTwoClasses) {
  check_cases({
      classified("one", two_classes({0, 0}, {.3f, .8f}, "NONE", {.1f}), {3, 7, 7},
                 {.6f, .4f, .1f, .9f, .1f, .9f}),
      classified("one, margins", two_classes({0, 0}, {-.3f, .8f}, "NONE", {.1f}), {3, 7, 7},
                 {.2f, -.2f, -.9f, .9f, -.9f, .9f}),
      classified("two", two_classes({0, 0}, {.3f, .8f}, "NONE", {.1f, .2f}), {3, 7, 7},
                 {.4f, 0, .9f, 0, .9f, 0}),
      classified("two, second class", two_classes({1, 1}, {.3f, .8f}, "NONE", {.1f, .2f}), {3, 3, 3},
                 {0, .2f, 0, .2f, 0, .2f}),
      classified("two, second class, softmax", two_classes({1, 1}, {-.3f, .8f}, "SOFTMAX", {.1f, .2f}),
                 {7, 7, 7}, {.450166f, .549834f, .450166f, .549834f, .450166f, .549834f}),
      classified("votes for both", two_classes({0, 1, 0, 1}, {.3f, .7f, .9f, .1f}, "NONE", {.1f, .2f}),
                 {7, 7, 7}, {-.5f, .5f, -1.1f, 1.1f, -1.1f, 1.1f}),
  });
}

TEST(MlTrees, TheLargestVoteOfManyClassesWins) {
  const Attributes three =
      with(voting("class", {0, 1, 2, 0}, {.3f, .7f, .9f, .1f}), {{"classlabels_int64s", Ints{10, 11, 12}}});
  const Attributes negative =
      with(voting("class", {1, 1}, {-.3f, -.7f}), {{"classlabels_int64s", Ints{10, 11, 12}}});
  check_cases({
      classified("raw", three, {11, 12, 12}, {.3f, .7f, 0, .1f, 0, .9f, .1f, 0, .9f}),
      classified("base", with(three, {{"base_values", Reals{.5f, 0, -1}}}), {10, 10, 10},
                 {.8f, .7f, -1, .6f, 0, -.1f, .6f, 0, -.1f}),
      classified("zeros kept", with(three, {{"post_transform", "SOFTMAX_ZERO"}}), {11, 12, 12},
                 {.401312f, .598688f, 0, .310026f, 0, .689974f, .310026f, 0, .689974f}),
      classified("classes without a vote do not win", negative, {11, 11, 11},
                 {0, -.3f, 0, 0, -.7f, 0, 0, -.7f, 0}),
  });
}

// 0.1f five times is 0.5 in f32 and more in f64: no majority.
TEST(MlTrees, SumsVotesInSinglePrecision) {
  Attributes five = {{"classlabels_int64s", Ints{3, 7}}};
  for (const char* name : {"nodes_nodeids", "nodes_featureids", "nodes_truenodeids", "nodes_falsenodeids",
                           "class_nodeids", "class_ids"})
    five.set(name, Ints(5, 0));
  five.set("nodes_treeids", Ints{0, 1, 2, 3, 4});
  five.set("class_treeids", Ints{0, 1, 2, 3, 4});
  five.set("nodes_values", Reals(5, 0));
  five.set("nodes_modes", Names(5, "LEAF"));
  five.set("class_weights", Reals(5, .1f));
  check_cases({classified("tie", five, {3, 3, 3}, {.5f, .5f, .5f, .5f, .5f, .5f})});
}

/// Two trees over two features with leaves of the given targets and weights -1, 2, 3, 5.
Attributes two_trees(Ints targets, std::int64_t count, const std::string& aggregate, Reals base) {
  return {{"nodes_treeids", Ints{0, 0, 0, 4, 4, 4}},
          {"nodes_nodeids", Ints{0, 1, 2, 0, 1, 2}},
          {"nodes_featureids", Ints{0, 0, 0, 1, 0, 0}},
          {"nodes_values", Reals{1, 0, 0, -1, 0, 0}},
          {"nodes_truenodeids", Ints{1, 0, 0, 1, 0, 0}},
          {"nodes_falsenodeids", Ints{2, 0, 0, 2, 0, 0}},
          {"nodes_modes", Names{"BRANCH_LEQ", "LEAF", "LEAF", "BRANCH_LEQ", "LEAF", "LEAF"}},
          {"target_treeids", Ints{0, 0, 4, 4}},
          {"target_nodeids", Ints{1, 2, 1, 2}},
          {"target_ids", std::move(targets)},
          {"target_weights", Reals{-1, 2, 3, 5}},
          {"n_targets", count},
          {"aggregate_function", aggregate},
          {"base_values", std::move(base)}};
}

TEST(MlTrees, AggregatesTrees) {
  const auto regressed = [](const std::string& aggregate, std::initializer_list<float> expected) -> OpCase {
    return {aggregate,
            "ai.onnx.ml::TreeEnsembleRegressor",
            {kRows},
            two_trees({0, 0, 0, 0}, 1, aggregate, {100}),
            {Tensor::of<float>({3, 1}, expected)}};
  };
  check_cases({
      regressed("SUM", {104, 107, 107}),
      regressed("AVERAGE", {102, 103.5f, 103.5f}),
      regressed("MIN", {99, 102, 102}),
      regressed("MAX", {105, 105, 105}),
      {"base values only where a leaf votes",
       "ai.onnx.ml::TreeEnsembleRegressor",
       {kRows},
       two_trees({0, 1, 0, 0}, 3, "AVERAGE", {100, 200, 300}),
       {Tensor::of<float>({3, 3}, {102, 0, 0, 102.5f, 201, 0, 102.5f, 201, 0})}},
  });
}

TEST(MlTrees, ComparesInEveryMode) {
  const Tensor x = Tensor::of<float>({4, 1}, {0, 1, 2, NAN});
  const auto compared = [&](const std::string& mode, bool missing,
                            std::initializer_list<float> expected) -> OpCase {
    return {
        mode,
        "ai.onnx.ml::TreeEnsembleRegressor",
        {x},
        with(voting("target", {0, 0}, {1, 0}), {{"nodes_modes", Names{mode, "LEAF", "LEAF"}},
                                                {"nodes_missing_value_tracks_true", Ints{missing, 0, 0}}}),
        {Tensor::of<float>({4, 1}, expected)}};
  };
  check_cases({
      compared("BRANCH_LEQ", false, {1, 1, 0, 0}),
      compared("BRANCH_LEQ", true, {1, 1, 0, 1}),
      compared("BRANCH_LT", false, {1, 0, 0, 0}),
      compared("BRANCH_GTE", false, {0, 1, 1, 0}),
      compared("BRANCH_GT", false, {0, 0, 1, 0}),
      compared("BRANCH_EQ", false, {0, 1, 0, 0}),
      compared("BRANCH_NEQ", false, {1, 0, 1, 1}),
  });
}

/// x[0] in {1.2, 3.7, 8, 9} gives leaf 0; otherwise x[0] in {3, 7} gives leaf 1, else leaf 2.
Attributes sets() {
  return {{"n_targets", std::int64_t{4}},
          {"membership_values", Tensor::of<float>({8}, {1.2f, 3.7f, 8, 9, NAN, 7, 3, NAN})},
          {"nodes_modes", Tensor::of<std::uint8_t>({2}, {6, 6})},
          {"nodes_splits", Tensor::of<float>({2}, {0, 0})},
          {"nodes_featureids", Ints{0, 0}},
          {"nodes_truenodeids", Ints{0, 1}},
          {"nodes_falsenodeids", Ints{1, 2}},
          {"nodes_trueleafs", Ints{1, 1}},
          {"nodes_falseleafs", Ints{0, 1}},
          {"tree_roots", Ints{0}},
          {"leaf_targetids", Ints{0, 1, 2}},
          {"leaf_weights", Tensor::of<float>({3}, {1, 10, 1000})}};
}

TEST(MlTrees, TestsMembership) {
  check_cases({{"sets",
                "ai.onnx.ml::TreeEnsemble",
                {Tensor::of<float>({4, 1}, {1.2f, 3, 5, NAN})},
                sets(),
                {Tensor::of<float>({4, 4}, {1, 0, 0, 0, 0, 10, 0, 0, 0, 0, 1000, 0, 0, 0, 1000, 0})}}});
}

TEST(MlTrees, RefusesBrokenTrees) {
  const auto refuses = [](const std::string& name, Attribute value, const std::string& fragment) {
    check_error({name,
                 "ai.onnx.ml::TreeEnsembleRegressor",
                 {kRows},
                 with(voting("target", {0, 0}, {1, 2}), {{name, value}}),
                 {kRows}},
                fragment);
  };
  refuses("nodes_featureids", Ints{2, 0, 0}, "a split looks at feature 2 of 2");
  refuses("nodes_truenodeids", Ints{0, 0, 0}, "node 0 lies below itself");
  refuses("nodes_truenodeids", Ints{9, 0, 0}, "tree 0 has no node 9");
  refuses("nodes_nodeids", Ints{0, 1, 1}, "node 1 of tree 0 is there twice");
  refuses("nodes_values", Reals{1}, "expected 3 entries in attribute 'nodes_values', got 1");
  refuses("nodes_modes", Names{"LEQ", "LEAF", "LEAF"}, "'nodes_modes' holds 'LEQ'");
  refuses("n_targets", std::int64_t{0}, "expected a target, got 0");
  refuses("target_ids", Ints{0, -5}, "'target_ids' holds -5");
  const auto refuses_sets = [](const std::string& name, Attribute value, const std::string& fragment) {
    check_error({name, "ai.onnx.ml::TreeEnsemble", {kRows}, with(sets(), {{name, value}}), {kRows}},
                fragment);
  };
  refuses_sets("nodes_falsenodeids", Ints{1, 7}, "a branch leads to leaf 7, which is not there");
  refuses_sets("tree_roots", Ints{5}, "a branch leads to node 5, which is not there");
  refuses_sets("membership_values", Tensor::of<float>({1}, {1}), "holds 1 sets, expected more");
  refuses_sets("leaf_targetids", Ints{0, 1, 4}, "a leaf votes for target 4 of 4");
}

}  // namespace
}  // namespace atlas
