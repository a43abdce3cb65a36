// What pipelines on tables are made of besides trees: categories, columns, scales and linear models.
#include <gtest/gtest.h>

#include <cmath>

#include "atlas/run/kernel_harness_test.h"

namespace atlas {
namespace {

using Ints = std::vector<std::int64_t>;
using Reals = std::vector<float>;
using Names = std::vector<std::string>;

Tensor words(Shape shape, Names values) {
  return Tensor::of<std::string>(std::move(shape), values);
}

TEST(TableKernels, Categories) {
  const Tensor x = words({3, 1}, {"b", "z", "a"});
  check_kernels({
      {"ai.onnx.ml::LabelEncoder", {x}, {{"keys_strings", Names{"a", "b"}}, {"values_int64s", Ints{5, 7}}}},
      {"ai.onnx.ml::LabelEncoder", {x}, {{"keys_strings", Names{"a", "b"}}, {"values_floats", Reals{5, 7}}}},
      {"ai.onnx.ml::LabelEncoder",
       {Tensor::of<float>({3}, {NAN, -0.0f, 2})},
       {{"keys_floats", Reals{NAN, 0}},
        {"values_strings", Names{"none", "zero"}},
        {"default_string", "else"}}},
      {"ai.onnx.ml::CategoryMapper", {x}, {{"cats_strings", Names{"a", "b"}}, {"cats_int64s", Ints{5, 7}}}},
      {"ai.onnx.ml::OneHotEncoder", {x}, {{"cats_strings", Names{"a", "b", "c"}}}},
      {"ai.onnx.ml::OneHotEncoder",
       {Tensor::of<float>({2, 2}, {1.7f, 2, -1, 4})},
       {{"cats_int64s", Ints{1, 4}}}},
      {"ai.onnx.ml::OneHotEncoder", {words({0, 1}, {})}, {{"cats_strings", Names{"a"}}}},
  });
  check_kernel_error(
      {"ai.onnx.ml::OneHotEncoder", {x}, {{"cats_strings", Names{"a", "b"}}, {"zeros", std::int64_t{0}}}},
      "element 1 is none of the categories");
}

TEST(TableKernels, Columns) {
  RandomTensors random;
  const Reals fill = {1, 2, 3};
  const Tensor gaps = Tensor::of<float>({2, 3}, {NAN, 1, 5, 5, NAN, 0});
  check_kernels({
      {"ai.onnx.ml::ArrayFeatureExtractor", {random.floats({4, 3}), int64s({2, 0, 2})}},
      {"ai.onnx.ml::ArrayFeatureExtractor", {random.floats({3}), int64s({1})}},
      {"ai.onnx.ml::Imputer", {gaps}, {{"imputed_value_floats", fill}, {"replaced_value_float", NAN}}},
      {"ai.onnx.ml::Imputer", {gaps}, {{"imputed_value_floats", Reals{9}}, {"replaced_value_float", 5.0f}}},
      {"ai.onnx.ml::Scaler", {random.floats({4, 3})}, {{"offset", fill}, {"scale", fill}}},
      {"ai.onnx.ml::Scaler", {random.integers<std::int64_t>({4, 3}, -9, 9)}, {{"offset", Reals{.5f}}}},
      {"ai.onnx.ml::Normalizer", {Tensor::of<float>({2, 2}, {3, 4, 0, 0})}, {{"norm", "L2"}}},
      {"ai.onnx.ml::Normalizer", {random.floats({4, 3})}, {{"norm", "L1"}}},
      {"ai.onnx.ml::Normalizer", {random.floats({5})}, {{"norm", "MAX"}}},
  });
}

TEST(TableKernels, LinearModels) {
  RandomTensors random;
  const Reals weights = {1, -2, .5f, .25f, -1, 3};
  std::vector<KernelCase> cases = {
      {"ai.onnx.ml::LinearRegressor",
       {random.floats({9, 3})},
       {{"coefficients", weights}, {"intercepts", Reals{1, 2}}, {"targets", std::int64_t{2}}}},
      {"ai.onnx.ml::LinearRegressor", {random.floats({6})}, {{"coefficients", weights}}},
  };
  for (const char* transform : {"NONE", "SOFTMAX", "LOGISTIC"}) {
    cases.push_back({"ai.onnx.ml::LinearClassifier",
                     {random.floats({9, 2})},
                     {{"coefficients", weights},
                      {"intercepts", Reals{1, 2, 0}},
                      {"classlabels_strings", Names{"a", "b", "c"}},
                      {"post_transform", transform}},
                     2});
    cases.push_back({"ai.onnx.ml::LinearClassifier",
                     {random.floats({9, 6})},
                     {{"coefficients", weights},
                      {"intercepts", Reals{.5f}},
                      {"classlabels_ints", Ints{4, 2}},
                      {"post_transform", transform}},
                     2});
  }
  check_kernels(cases);
}

}  // namespace
}  // namespace atlas
