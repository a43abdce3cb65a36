// Kernels of decision trees against their references, whose values ml_trees_test.cpp holds to ONNX Runtime's.
#include <gtest/gtest.h>

#include <cmath>

#include "atlas/run/kernel_harness_test.h"

namespace atlas {
namespace {

using Ints = std::vector<std::int64_t>;
using Reals = std::vector<float>;
using Names = std::vector<std::string>;

/// Two trees on two features; `votes` is "class" or "target", each leaf votes for two of three.
Attributes two_trees(const std::string& votes) {
  return {
      {"nodes_treeids", Ints{0, 0, 0, 0, 0, 1, 1, 1}},
      {"nodes_nodeids", Ints{0, 1, 2, 3, 4, 0, 1, 2}},
      {"nodes_featureids", Ints{0, 0, 1, 0, 0, 1, 0, 0}},
      {"nodes_values", Reals{0, 0, 1, 0, 0, -1, 0, 0}},
      {"nodes_truenodeids", Ints{1, 0, 3, 0, 0, 1, 0, 0}},
      {"nodes_falsenodeids", Ints{2, 0, 4, 0, 0, 2, 0, 0}},
      {"nodes_modes", Names{"BRANCH_LEQ", "LEAF", "BRANCH_GT", "LEAF", "LEAF", "BRANCH_LT", "LEAF", "LEAF"}},
      {"nodes_missing_value_tracks_true", Ints{1, 0, 0, 0, 0, 0, 0, 0}},
      {votes + "_treeids", Ints{0, 0, 0, 0, 1, 1}},
      {votes + "_nodeids", Ints{1, 1, 3, 4, 1, 2}},
      {votes + "_ids", Ints{0, 2, 1, 2, 0, 1}},
      {votes + "_weights", Reals{.5f, .25f, .75f, .125f, .25f, .5f}}};
}

Attributes classifier(const std::string& transform, bool strings) {
  Attributes out = two_trees("class");
  out.set("post_transform", transform);
  if (strings) {
    out.set("classlabels_strings", Names{"a", "b", "c"});
  } else {
    out.set("classlabels_int64s", Ints{7, 5, 3});
  }
  return out;
}

Attributes regressor(const std::string& aggregate) {
  Attributes out = two_trees("target");
  out.set("n_targets", std::int64_t{3});
  out.set("aggregate_function", aggregate);
  out.set("base_values", Reals{1, 2, 3});
  return out;
}

/// One tree in the newer form: x[0] <= 0.5, else a member of {1, 3}.
Attributes indexed() {
  return {{"nodes_featureids", Ints{0, 1}},
          {"nodes_splits", Tensor::of<float>({2}, {0.5f, 0})},
          {"nodes_modes", Tensor::of<std::uint8_t>({2}, {0, 6})},
          {"nodes_truenodeids", Ints{0, 1}},
          {"nodes_falsenodeids", Ints{1, 2}},
          {"nodes_trueleafs", Ints{1, 1}},
          {"nodes_falseleafs", Ints{0, 1}},
          {"tree_roots", Ints{0}},
          {"membership_values", Tensor::of<float>({3}, {1, 3, NAN})},
          {"leaf_targetids", Ints{0, 1, 0}},
          {"leaf_weights", Tensor::of<float>({3}, {1, 2, 4})},
          {"n_targets", std::int64_t{2}}};
}

TEST(TreeKernels, Classify) {
  RandomTensors random;
  std::vector<KernelCase> cases;
  for (const char* transform : {"NONE", "SOFTMAX", "LOGISTIC", "SOFTMAX_ZERO", "PROBIT"})
    for (const bool strings : {false, true})
      cases.push_back({"ai.onnx.ml::TreeEnsembleClassifier",
                       {random.floats({50, 2})},
                       classifier(transform, strings),
                       2});
  cases.push_back({"ai.onnx.ml::TreeEnsembleClassifier", {random.floats({3})}, classifier("NONE", true), 2});
  cases.push_back(
      {"ai.onnx.ml::TreeEnsembleClassifier", {random.floats({0, 2})}, classifier("NONE", true), 2});
  check_kernels(cases);
  check_kernel_error(
      {"ai.onnx.ml::TreeEnsembleClassifier", {random.floats({4, 1})}, classifier("NONE", false), 2},
      "a split looks at feature 1 of 1");
}

TEST(TreeKernels, Regress) {
  RandomTensors random;
  std::vector<KernelCase> cases;
  for (const char* aggregate : {"SUM", "AVERAGE", "MIN", "MAX"})
    cases.push_back({"ai.onnx.ml::TreeEnsembleRegressor", {random.floats({50, 2})}, regressor(aggregate)});
  cases.push_back({"ai.onnx.ml::TreeEnsembleRegressor",
                   {random.integers<std::int64_t>({40, 2}, -2, 2)},
                   regressor("SUM")});
  cases.push_back({"ai.onnx.ml::TreeEnsembleRegressor",
                   {random.integers<std::int32_t>({40, 2}, -2, 2)},
                   regressor("SUM")});
  cases.push_back({"ai.onnx.ml::TreeEnsembleRegressor",
                   {Tensor::of<double>({2, 2}, {0, 1.0000000000000002, 1e-300, 1})},
                   regressor("SUM")});
  cases.push_back({"ai.onnx.ml::TreeEnsemble",
                   {Tensor::of<float>({5, 2}, {0, 0, 1, 1, 1, 2, 1, 3, NAN, NAN})},
                   indexed()});
  check_kernels(cases);
}

TEST(TreeKernels, RefuseWhatIsNoTree) {
  RandomTensors random;
  Attributes loop = regressor("SUM");
  loop.set("nodes_truenodeids", Ints{1, 0, 0, 0, 0, 1, 0, 0});
  check_kernel_error({"ai.onnx.ml::TreeEnsembleRegressor", {random.floats({4, 2})}, loop},
                     "lies below itself");
}

}  // namespace
}  // namespace atlas
