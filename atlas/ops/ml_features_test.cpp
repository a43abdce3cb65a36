// Preparation of features; the numbers are ONNX Runtime's.
#include <gtest/gtest.h>

#include "atlas/ops/op_harness_test.h"

namespace atlas {
namespace {

using Reals = std::vector<float>;
using Ints = std::vector<std::int64_t>;

Tensor floats(Shape shape, std::initializer_list<float> values) {
  return Tensor::of<float>(std::move(shape), values);
}
Tensor ints(Shape shape, std::initializer_list<std::int64_t> values) {
  return Tensor::of<std::int64_t>(std::move(shape), values);
}

TEST(MlFeatures, ExtractsColumns) {
  const std::string op = "ai.onnx.ml::ArrayFeatureExtractor";
  const Tensor x = floats({2, 3}, {0, 1, 2, 3, 4, 5});
  check_cases({
      {"columns", op, {x, ints({2}, {2, 0})}, {}, {floats({2, 2}, {2, 0, 5, 3})}},
      {"rank 1", op, {ints({3}, {7, 8, 9}), ints({1, 2}, {2, 0})}, {}, {ints({1, 2}, {9, 7})}},
      {"strings",
       op,
       {Tensor::of<std::string>({1, 2}, {"a", "b"}), ints({1}, {1})},
       {},
       {Tensor::of<std::string>({1, 1}, {"b"})}},
  });
  check_error({"outside", op, {x, ints({1}, {-1})}, {}, {x}}, "column -1 is not one of 3");
}

TEST(MlFeatures, JoinsInputs) {
  const std::string op = "ai.onnx.ml::FeatureVectorizer";
  const Tensor a = floats({2, 2}, {1, 2, 3, 4});
  const Tensor b = floats({2, 1}, {5, 6});
  check_cases({
      {"side by side", op, {a, b}, {{"inputdimensions", Ints{2, 1}}}, {floats({2, 3}, {1, 2, 5, 3, 4, 6})}},
      {"cut and filled", op, {a, b}, {{"inputdimensions", Ints{1, 2}}}, {floats({2, 3}, {1, 5, 0, 3, 6, 0})}},
      {"rank 1", op, {ints({2}, {1, 2}), ints({2}, {5, 6})}, {}, {floats({1, 4}, {1, 2, 5, 6})}},
  });
  check_error({"rows", op, {a, floats({1, 1}, {5})}, {}, {a}}, "expected 2 rows in input 1, got shape [1,1]");
}

TEST(MlFeatures, ReplacesMissingValues) {
  const std::string op = "ai.onnx.ml::Imputer";
  const Tensor holes = floats({2, 2}, {1, NAN, 3, NAN});
  check_cases({
      {"by column",
       op,
       {holes},
       {{"imputed_value_floats", Reals{7, 8}}, {"replaced_value_float", NAN}},
       {floats({2, 2}, {1, 8, 3, 8})}},
      {"one for all",
       op,
       {floats({2, 2}, {1, 0, 3, 0})},
       {{"imputed_value_floats", Reals{7}}},
       {floats({2, 2}, {1, 7, 3, 7})}},
      {"integers",
       op,
       {ints({2, 2}, {1, 0, 0, 2})},
       {{"imputed_value_int64s", Ints{7, 8}}},
       {ints({2, 2}, {1, 8, 7, 2})}},
  });
  check_error({"count", op, {holes}, {{"imputed_value_floats", Reals{1, 2, 3}}}, {holes}},
              "expected 1 or 2 imputed values, got 3");
}

TEST(MlFeatures, Scales) {
  const Tensor x = floats({3, 3}, {1, -2, 3, 0, 0, 0, -4, 2, 1});
  check_cases({
      {"threshold",
       "ai.onnx.ml::Binarizer",
       {floats({3}, {1, .5f, -1})},
       {{"threshold", .5f}},
       {floats({3}, {1, 0, 0})}},
      {"maximum",
       "ai.onnx.ml::Normalizer",
       {x},
       {},
       {floats({3, 3}, {.33333334f, -.6666667f, 1, 0, 0, 0, -2, 1, .5f})}},
      {"negative maximum",
       "ai.onnx.ml::Normalizer",
       {floats({1, 3}, {-1, -2, -3})},
       {},
       {floats({1, 3}, {1, 2, 3})}},
      {"L1",
       "ai.onnx.ml::Normalizer",
       {x},
       {{"norm", "L1"}},
       {floats({3, 3}, {.16666667f, -.33333334f, .5f, 0, 0, 0, -.5714286f, .2857143f, .14285715f})}},
      {"L2 of integers",
       "ai.onnx.ml::Normalizer",
       {ints({2}, {3, 4})},
       {{"norm", "L2"}},
       {floats({2}, {.6f, .8f})}},
      {"by column",
       "ai.onnx.ml::Scaler",
       {floats({2, 2}, {1, 2, 3, 4})},
       {{"offset", Reals{1, 2}}, {"scale", Reals{2, .5f}}},
       {floats({2, 2}, {0, 0, 4, 1})}},
      {"all alike",
       "ai.onnx.ml::Scaler",
       {ints({1, 2}, {1, 2})},
       {{"offset", Reals{1}}, {"scale", Reals{2}}},
       {floats({1, 2}, {0, 2})}},
  });
  check_error({"norm", "ai.onnx.ml::Normalizer", {x}, {{"norm", "l2"}}, {x}}, "expected MAX, L1 or L2");
  check_error({"scale", "ai.onnx.ml::Scaler", {x}, {{"scale", Reals{1, 2}}}, {x}}, "expected 1 or 3");
}

}  // namespace
}  // namespace atlas
