// Support vector machines; the numbers are ONNX Runtime's.
#include <gtest/gtest.h>

#include "atlas/ops/op_harness_test.h"

namespace atlas {
namespace {

using Reals = std::vector<float>;
using Ints = std::vector<std::int64_t>;

const Tensor kRows = Tensor::of<float>({3, 2}, {1, 2, -1, 0.5f, 0, 0});
const Attribute kVectors = Reals{1, 0, 0, 1, -1, -1};
const Attribute kNames = std::vector<std::string>{"a", "b", "c"};

Attributes with(Attributes attributes, std::initializer_list<Attributes::Entry> more) {
  for (const auto& [name, value] : more) attributes.set(name, value);
  return attributes;
}

Attributes two_classes(const std::string& transform) {
  return {{"kernel_type", "RBF"},
          {"kernel_params", Reals{.5f, 0, 3}},
          {"support_vectors", kVectors},
          {"vectors_per_class", Ints{1, 2}},
          {"coefficients", Reals{.5f, -.25f, -.25f}},
          {"rho", Reals{.1f}},
          {"classlabels_ints", Ints{3, 7}},
          {"post_transform", transform}};
}

TEST(MlSvm, OneMachineSeparatesTwoClasses) {
  const Tensor labels = Tensor::of<std::int64_t>({3}, {3, 7, 3});
  check_cases({
      {"margins",
       "ai.onnx.ml::SVMClassifier",
       {kRows},
       two_classes("NONE"),
       {labels, Tensor::of<float>(
                    {3, 2}, {-.07532192f, .07532192f, .05526199f, -.05526199f, -.15966281f, .15966281f})}},
      {"softmax",
       "ai.onnx.ml::SVMClassifier",
       {kRows},
       two_classes("SOFTMAX"),
       {labels, Tensor::of<float>(
                    {3, 2}, {.92467809f, .07532192f, 1.05526197f, -.05526199f, .84033716f, .15966281f})}},
      {"logistic",
       "ai.onnx.ml::SVMClassifier",
       {kRows},
       two_classes("LOGISTIC"),
       {labels,
        Tensor::of<float>({3, 2}, {.48117846f, .51882154f, .51381201f, .48618799f, .4601689f, .5398311f})}},
      {"probabilities",
       "ai.onnx.ml::SVMClassifier",
       {kRows},
       with(two_classes("NONE"), {{"prob_a", Reals{-1.5f}}, {"prob_b", Reals{.2f}}}),
       {labels,
        Tensor::of<float>({3, 2}, {.4782576f, .5217424f, .42953053f, .57046947f, .5098722f, .49012786f})}},
  });
}

TEST(MlSvm, MachinesOfPairsVote) {
  const Attributes base = {
      {"support_vectors", kVectors},        {"kernel_params", Reals{.5f, 1, 2}},
      {"vectors_per_class", Ints{1, 1, 1}}, {"coefficients", Reals{.5f, -.25f, -.25f, .3f, .2f, -.7f}},
      {"rho", Reals{.1f, -.2f, .3f}},       {"classlabels_strings", kNames}};
  const Tensor labels = Tensor::of<std::string>({3}, {"a", "c", "c"});
  check_cases({
      {"scores of pairs",
       "ai.onnx.ml::SVMClassifier",
       {kRows},
       with(base, {{"kernel_type", "POLY"}}),
       {labels, Tensor::of<float>(
                    {3, 3}, {.225f, .4125f, .925f, -.165625f, -.515625f, -.48125f, .35f, -.15f, -.2f})}},
      {"probabilities of classes",
       "ai.onnx.ml::SVMClassifier",
       {kRows},
       with(
           base,
           {{"kernel_type", "SIGMOID"}, {"prob_a", Reals{-1.5f, -1, -2}}, {"prob_b", Reals{.2f, .1f, -.3f}}}),
       {labels, Tensor::of<float>({3, 3}, {.40969956f, .4231284f, .16717222f, .28955063f, .34397936f,
                                           .36647004f, .32829022f, .32415137f, .34755835f})}},
  });
}

TEST(MlSvm, WithoutVectorsScoresAreLinear) {
  const Attributes three = {{"kernel_params", Reals{0, 0, 0}},
                            {"coefficients", Reals{.5f, -.25f, -.25f, .3f, .2f, -.7f}},
                            {"rho", Reals{.1f}},
                            {"classlabels_strings", kNames}};
  const Attribute two = std::vector<std::string>{"a", "b"};
  check_cases({
      {"three classes",
       "ai.onnx.ml::SVMClassifier",
       {kRows},
       three,
       {Tensor::of<std::string>({3}, {"b", "b", "a"}),
        Tensor::of<float>({3, 3}, {.1f, .45f, -1.1f, -.525f, .5f, -.45f, .1f, .1f, .1f})}},
      {"two classes by threshold 0",
       "ai.onnx.ml::SVMClassifier",
       {kRows},
       with(three, {{"coefficients", Reals{.5f, -.25f, -.25f, .3f}}, {"classlabels_strings", two}}),
       {Tensor::of<std::string>({3}, {"b", "b", "b"}),
        Tensor::of<float>({3, 2}, {.1f, .45f, -.525f, .5f, .1f, .1f})}},
      {"two classes by threshold 0.5",
       "ai.onnx.ml::SVMClassifier",
       {kRows},
       with(three, {{"coefficients", Reals{.1f, .2f, .3f, .2f}}, {"classlabels_strings", two}}),
       {Tensor::of<std::string>({3}, {"b", "a", "a"}),
        Tensor::of<float>({3, 2}, {.6f, .8f, .1f, -.1f, .1f, .1f})}},
  });
}

TEST(MlSvm, Regresses) {
  const Attributes model = {{"kernel_type", "RBF"},
                            {"kernel_params", Reals{.5f, 0, 3}},
                            {"support_vectors", kVectors},
                            {"n_supports", std::int64_t{3}},
                            {"coefficients", Reals{.5f, -.25f, -.25f}},
                            {"rho", Reals{.1f}}};
  const Tensor values = Tensor::of<float>({3, 1}, {.07532192f, -.05526199f, .15966281f});
  check_cases({
      {"RBF", "ai.onnx.ml::SVMRegressor", {kRows}, model, {values}},
      {"no transform",
       "ai.onnx.ml::SVMRegressor",
       {kRows},
       with(model, {{"post_transform", "LOGISTIC"}}),
       {values}},
      {"one class",
       "ai.onnx.ml::SVMRegressor",
       {kRows},
       with(model, {{"one_class", std::int64_t{1}}}),
       {Tensor::of<float>({3, 1}, {1, -1, 1})}},
      {"linear",
       "ai.onnx.ml::SVMRegressor",
       {kRows},
       {{"coefficients", Reals{.5f, -.25f}}, {"rho", Reals{.1f}}},
       {Tensor::of<float>({3, 1}, {.1f, -.525f, .1f})}},
  });
}

TEST(MlSvm, RefusesNumbersThatDoNotFit) {
  const auto refuses = [](const std::string& name, Attribute value, const std::string& fragment) {
    check_error({name,
                 "ai.onnx.ml::SVMClassifier",
                 {kRows},
                 with(two_classes("NONE"), {{name, value}}),
                 {kRows, kRows}},
                fragment);
  };
  refuses("support_vectors", Reals{1, 2}, "expected 3 support vectors of 2 features, got 2 numbers");
  refuses("vectors_per_class", Ints{1, -2}, "'vectors_per_class' holds -2");
  refuses("rho", Reals{}, "expected 1 numbers as 'rho', got 0");
  refuses("prob_a", Reals{1}, "got 1 and 0");
  refuses("kernel_type", "rbf", "expected LINEAR, POLY, RBF or SIGMOID");
}

}  // namespace
}  // namespace atlas
