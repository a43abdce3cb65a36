// Categories; the numbers are ONNX Runtime's.
#include <gtest/gtest.h>

#include "atlas/ops/op_harness_test.h"

namespace atlas {
namespace {

using Reals = std::vector<float>;
using Ints = std::vector<std::int64_t>;
using Names = std::vector<std::string>;

Tensor floats(Shape shape, std::initializer_list<float> values) {
  return Tensor::of<float>(std::move(shape), values);
}
Tensor ints(Shape shape, std::initializer_list<std::int64_t> values) {
  return Tensor::of<std::int64_t>(std::move(shape), values);
}
Tensor names(Shape shape, std::initializer_list<std::string> values) {
  return Tensor::of<std::string>(std::move(shape), values);
}

TEST(MlCategories, MapsBothWays) {
  const Attributes map = {
      {"cats_int64s", Ints{5, 6}}, {"cats_strings", Names{"a", "b"}}, {"default_string", "?"}};
  check_cases({
      {"to integers", "ai.onnx.ml::CategoryMapper", {names({2}, {"a", "q"})}, map, {ints({2}, {5, -1})}},
      {"to strings", "ai.onnx.ml::CategoryMapper", {ints({2}, {6, 9})}, map, {names({2}, {"b", "?"})}},
  });
  check_error({"lengths",
               "ai.onnx.ml::CategoryMapper",
               {ints({1}, {1})},
               {{"cats_int64s", Ints{5}}},
               {ints({}, {0})}},
              "expected as many integers as strings (0), got 1");
}

TEST(MlCategories, EncodesLabels) {
  const std::string op = "ai.onnx.ml::LabelEncoder";
  const Tensor i16 = Tensor::of<std::int16_t>({1}, {7});
  check_cases({
      {"numbers, NaN among them",
       op,
       {floats({4}, {1, NAN, 3, 4})},
       {{"keys_floats", Reals{1, 3, NAN}}, {"values_int64s", Ints{1, 2, 9}}},
       {ints({4}, {1, 9, 2, -1})}},
      {"the last of equal keys",
       op,
       {ints({1}, {3})},
       {{"keys_int64s", Ints{3, 3}}, {"values_strings", Names{"a", "b"}}},
       {names({1}, {"b"})}},
      {"default string",
       op,
       {ints({2}, {1, 2})},
       {{"keys_int64s", Ints{1}}, {"values_strings", Names{"x"}}},
       {names({2}, {"x", "_Unused"})}},
      {"tensors",
       op,
       {names({2}, {"a", "q"})},
       {{"keys_strings", Names{"a"}},
        {"values_tensor", i16},
        {"default_tensor", Tensor::of<std::int16_t>({1}, {42})}},
       {Tensor::of<std::int16_t>({2}, {7, 42})}},
      {"doubles",
       op,
       {Tensor::of<double>({2}, {1, 2})},
       {{"keys_tensor", Tensor::of<double>({1}, {1})}, {"values_tensor", Tensor::of<double>({1}, {3.5})}},
       {Tensor::of<double>({2}, {3.5, 0})}},
      {"64 bits stay exact",
       op,
       {ints({1}, {(std::int64_t{1} << 60) + 1})},
       {{"keys_int64s", Ints{std::int64_t{1} << 60}}, {"values_int64s", Ints{1}}},
       {ints({1}, {-1})}},
  });
  check_error(
      {"kinds", op, {ints({1}, {1})}, {{"keys_strings", Names{"a"}}, {"values_int64s", Ints{1}}}, {i16}},
      "expected keys like the input (i64), got string");
  check_error({"default",
               op,
               {ints({1}, {1})},
               {{"keys_int64s", Ints{1}}, {"values_int64s", Ints{1}}, {"default_tensor", i16}},
               {i16}},
              "expected one default of type i64");
}

TEST(MlCategories, EncodesOneHot) {
  const std::string op = "ai.onnx.ml::OneHotEncoder";
  check_cases({
      {"numbers are truncated",
       op,
       {floats({3}, {1, 2, 5.7f})},
       {{"cats_int64s", Ints{1, 2, 5}}},
       {floats({3, 3}, {1, 0, 0, 0, 1, 0, 0, 0, 1})}},
      {"unknown strings",
       op,
       {names({2, 1}, {"a", "z"})},
       {{"cats_strings", Names{"a", "b"}}},
       {floats({2, 1, 2}, {1, 0, 0, 0})}},
  });
  check_error({"unknown",
               op,
               {ints({1}, {9})},
               {{"cats_int64s", Ints{1}}, {"zeros", std::int64_t{0}}},
               {ints({}, {0})}},
              "element 0 is none of the categories");
}

}  // namespace
}  // namespace atlas
