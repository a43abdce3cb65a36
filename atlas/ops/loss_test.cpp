// Losses of classifiers.
#include <gtest/gtest.h>

#include <cmath>

#include "atlas/ops/op_harness_test.h"

namespace atlas {
namespace {

const Tensor kInput = Tensor::of<float>({2, 2, 2}, {1, 2, 2, 2, 0, 1, 2, 3});
const Tensor kTarget = Tensor::of<std::int64_t>({2, 2}, {0, 1, 1, 0});
const Tensor kWeight = Tensor::of<float>({2}, {1, 3});

Attributes reduced_by(const char* reduction) {
  return {{"reduction", std::string(reduction)}};
}

TEST(Loss, PicksAndWeighs) {
  check_cases({
      {"none",
       "NegativeLogLikelihoodLoss",
       {kInput, kTarget},
       reduced_by("none"),
       {Tensor::of<float>({2, 2}, {-1, -2, -2, -1})}},
      {"sum",
       "NegativeLogLikelihoodLoss",
       {kInput, kTarget, kWeight},
       reduced_by("sum"),
       {Tensor::scalar(-14.0f)}},
      {"mean by weight",
       "NegativeLogLikelihoodLoss",
       {kInput, kTarget, kWeight},
       {},
       {Tensor::scalar(-14.0f / 8)}},
      {"ignored",
       "NegativeLogLikelihoodLoss",
       {kInput, kTarget},
       {{"ignore_index", std::int64_t{0}}},
       {Tensor::scalar(-2.0f)}},
      {"ignored out of range",
       "NegativeLogLikelihoodLoss",
       {Tensor::of<float>({2, 2}, {1, 2, 3, 4}), Tensor::of<std::int32_t>({2}, {-5, 1}), kWeight},
       {{"ignore_index", std::int64_t{-5}}},
       {Tensor::scalar(-4.0f)}},
  });
  check_error({"target",
               "NegativeLogLikelihoodLoss",
               {kInput, Tensor::of<std::int64_t>({2, 2}, {0, 1, 2, 0})},
               {},
               {kInput}},
              "target 2 is not in [0, 2)");
  check_error(
      {"shape", "NegativeLogLikelihoodLoss", {kInput, Tensor::of<std::int64_t>({2}, {0, 1})}, {}, {kInput}},
      "expected a target of rank 2");
  check_error({"reduction", "NegativeLogLikelihoodLoss", {kInput, kTarget}, reduced_by("max"), {kInput}},
              "expected none, sum or mean");
}

TEST(Loss, CrossesEntropies) {
  const float log2 = std::log(2.0f);
  const Tensor scores = Tensor::of<float>({1, 2}, {3, 3});
  const Tensor label = Tensor::of<std::int64_t>({1}, {1});
  check_cases({
      {"both outputs",
       "SoftmaxCrossEntropyLoss",
       {scores, label},
       {},
       {Tensor::scalar(log2), Tensor::of<float>({1, 2}, {-log2, -log2})}},
      {"large scores",
       "SoftmaxCrossEntropyLoss",
       {Tensor::of<float>({1, 2}, {1000, 0}), label},
       reduced_by("none"),
       {Tensor::of<float>({1}, {1000})}},
  });
}

}  // namespace
}  // namespace atlas
