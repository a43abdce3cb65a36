// Linear models; the numbers are ONNX Runtime's.
#include <gtest/gtest.h>

#include "atlas/ops/op_harness_test.h"

namespace atlas {
namespace {

using Reals = std::vector<float>;
using Ints = std::vector<std::int64_t>;

const Tensor kRows = Tensor::of<float>({3, 2}, {1, 2, -1, 0.5f, 0, 0});

Tensor ints(std::initializer_list<std::int64_t> values) {
  return Tensor::of<std::int64_t>({static_cast<std::int64_t>(values.size())}, values);
}

TEST(MlLinear, OneScoreSeparatesTwoClasses) {
  const auto binary = [](const std::string& transform) -> Attributes {
    return {{"coefficients", Reals{.5f, -.25f}},
            {"intercepts", Reals{.1f}},
            {"classlabels_ints", Ints{3, 7}},
            {"post_transform", transform}};
  };
  const Tensor labels = ints({7, 3, 7});
  const Tensor complements = Tensor::of<float>({3, 2}, {.9f, .1f, 1.525f, -.525f, .9f, .1f});
  Attributes unnamed = binary("NONE");
  unnamed.erase("classlabels_ints");
  check_cases({
      {"raw", "ai.onnx.ml::LinearClassifier", {kRows}, binary("NONE"), {labels, complements}},
      {"softmax", "ai.onnx.ml::LinearClassifier", {kRows}, binary("SOFTMAX"), {labels, complements}},
      {"logistic",
       "ai.onnx.ml::LinearClassifier",
       {kRows},
       binary("LOGISTIC"),
       {labels,
        Tensor::of<float>({3, 2}, {.47502083f, .5249792f, .62831616f, .37168384f, .47502083f, .5249792f})}},
      {"no labels",
       "ai.onnx.ml::LinearClassifier",
       {kRows},
       unnamed,
       {ints({1, 0, 1}), Tensor::of<float>({3, 1}, {.1f, -.525f, .1f})}},
  });
}

TEST(MlLinear, TheLargestOfManyScoresWins) {
  const auto three = [](const std::string& transform) -> Attributes {
    return {{"coefficients", Reals{.5f, -.25f, -.5f, .25f, .3f, .2f}},
            {"intercepts", Reals{.1f, -.1f, 0}},
            {"classlabels_strings", std::vector<std::string>{"a", "b", "c"}},
            {"post_transform", transform}};
  };
  const Tensor labels = Tensor::of<std::string>({3}, {"c", "b", "a"});
  check_cases({
      {"raw",
       "ai.onnx.ml::LinearClassifier",
       {kRows},
       three("NONE"),
       {labels, Tensor::of<float>({3, 3}, {.1f, -.1f, .7f, -.525f, .525f, -.2f, .1f, -.1f, 0})}},
      {"softmax",
       "ai.onnx.ml::LinearClassifier",
       {kRows},
       three("SOFTMAX"),
       {labels, Tensor::of<float>({3, 3}, {.27466115f, .22487353f, .5004653f, .19077846f, .5451783f,
                                           .2640432f, .3671654f, .30060962f, .332225f})}},
      {"zeros kept",
       "ai.onnx.ml::LinearClassifier",
       {kRows},
       three("SOFTMAX_ZERO"),
       {labels, Tensor::of<float>({3, 3}, {.27466115f, .22487353f, .5004653f, .19077846f, .5451783f,
                                           .2640432f, .54983395f, .450166f, 0})}},
      {"one row of rank 1",
       "ai.onnx.ml::LinearClassifier",
       {Tensor::of<float>({2}, {1, 2})},
       three("LOGISTIC"),
       {Tensor::of<std::string>({1}, {"c"}), Tensor::of<float>({1, 3}, {.5249792f, .47502083f, .66818774f})}},
  });
}

TEST(MlLinear, RegressorLeavesALoneScoreAlone) {
  const Attributes two = {{"coefficients", Reals{.5f, -.25f, -.5f, .25f}},
                          {"intercepts", Reals{.1f, -.1f}},
                          {"targets", std::int64_t{2}}};
  const auto one = [](const std::string& transform) -> Attributes {
    return {{"coefficients", Reals{.5f, -.25f}}, {"intercepts", Reals{.1f}}, {"post_transform", transform}};
  };
  const Tensor column = Tensor::of<float>({3, 1}, {.1f, -.525f, .1f});
  check_cases({
      {"two targets",
       "ai.onnx.ml::LinearRegressor",
       {kRows},
       two,
       {Tensor::of<float>({3, 2}, {.1f, -.1f, -.525f, .525f, .1f, -.1f})}},
      {"logistic", "ai.onnx.ml::LinearRegressor", {kRows}, one("LOGISTIC"), {column}},
      {"probit",
       "ai.onnx.ml::LinearRegressor",
       {kRows},
       one("PROBIT"),
       {Tensor::of<float>({3, 1}, {-1.2817129f, NAN, -1.2817129f})}},
      {"integers",
       "ai.onnx.ml::LinearRegressor",
       {Tensor::of<std::int64_t>({1, 2}, {4, 2})},
       one("NONE"),
       {Tensor::of<float>({1, 1}, {1.6f})}},
  });
}

TEST(MlLinear, RefusesWeightsThatDoNotFit) {
  check_error(
      {"coefficients", "ai.onnx.ml::LinearRegressor", {kRows}, {{"coefficients", Reals{1, 2, 3}}}, {kRows}},
      "expected 2 coefficients (1 outputs of 2 features), got 3");
  check_error({"labels",
               "ai.onnx.ml::LinearClassifier",
               {kRows},
               {{"coefficients", Reals{1, 2, 3, 4}}, {"classlabels_ints", Ints{1, 2, 3}}},
               {kRows, kRows}},
              "expected 2 class labels, got 3");
  check_error({"transform",
               "ai.onnx.ml::LinearRegressor",
               {kRows},
               {{"coefficients", Reals{1, 2}}, {"post_transform", "softmax"}},
               {kRows}},
              "expected NONE, SOFTMAX");
}

}  // namespace
}  // namespace atlas
