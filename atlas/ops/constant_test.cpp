// Constants, ranges, diagonals, one-hot codes.
#include <gtest/gtest.h>

#include "atlas/ops/content_test.h"
#include "atlas/ops/op_harness_test.h"

namespace atlas {
namespace {

using Ints = std::vector<std::int64_t>;

TEST(Constant, TakesEveryFormOfValue) {
  const SparseTensor sparse{Tensor::of<float>({2}, {3, 5}), Tensor::of_ints(Ints{1, 5}), {2, 3}};
  check_cases({
      {"tensor",
       "Constant",
       {},
       {{"value", Tensor::of<float>({2}, {1, 2})}},
       {Tensor::of<float>({2}, {1, 2})}},
      {"int", "Constant", {}, {{"value_int", std::int64_t{7}}}, {Tensor::scalar<std::int64_t>(7)}},
      {"ints", "Constant", {}, {{"value_ints", Ints{7, 8}}}, {Tensor::of_ints(Ints{7, 8})}},
      {"float", "Constant", {}, {{"value_float", 1.5f}}, {Tensor::scalar(1.5f)}},
      {"floats",
       "Constant",
       {},
       {{"value_floats", std::vector<float>{1, 2}}},
       {Tensor::of<float>({2}, {1, 2})}},
      {"string", "Constant", {}, {{"value_string", std::string("a")}}, {Tensor::scalar<std::string>("a")}},
      {"strings",
       "Constant",
       {},
       {{"value_strings", std::vector<std::string>{"a", "b"}}},
       {Tensor::of<std::string>({2}, {"a", "b"})}},
      {"sparse", "Constant", {}, {{"sparse_value", sparse}}, {Tensor::of<float>({2, 3}, {0, 3, 0, 0, 0, 5})}},
  });
  check_error({"none", "Constant", {}, {}, {Tensor::scalar(1.0f)}}, "exactly one value");
}

TEST(ConstantOfShape, FillsAnyShape) {
  check_cases({
      {"zeros", "ConstantOfShape", {Tensor::of_ints(Ints{2})}, {}, {Tensor::of<float>({2}, {0, 0})}},
      {"ones of i32",
       "ConstantOfShape",
       {Tensor::of_ints(Ints{2, 1})},
       {{"value", Tensor::of<std::int32_t>({1}, {1})}},
       {Tensor::of<std::int32_t>({2, 1}, {1, 1})}},
      {"scalar", "ConstantOfShape", {Tensor::of_ints(Ints{})}, {}, {Tensor::scalar(0.0f)}},
      {"empty", "ConstantOfShape", {Tensor::of_ints(Ints{2, 0})}, {}, {Tensor::of<float>({2, 0}, {})}},
  });
  check_error({"negative", "ConstantOfShape", {Tensor::of_ints(Ints{-1})}, {}, {Tensor::scalar(0.0f)}},
              "0 or more");
  check_error({"two values",
               "ConstantOfShape",
               {Tensor::of_ints(Ints{1})},
               {{"value", Tensor::of<float>({2}, {1, 2})}},
               {Tensor::scalar(0.0f)}},
              "expected one element");
}

TEST(EyeLike, SetsADiagonal) {
  const Tensor x(DType::F32, {2, 3});
  check_cases({
      {"main", "EyeLike", {x}, {}, {Tensor::of<float>({2, 3}, {1, 0, 0, 0, 1, 0})}},
      {"above", "EyeLike", {x}, {{"k", std::int64_t{1}}}, {Tensor::of<float>({2, 3}, {0, 1, 0, 0, 0, 1})}},
      {"below, as bool",
       "EyeLike",
       {x},
       {{"k", std::int64_t{-1}}, {"dtype", std::int64_t{9}}},
       {Tensor::of<bool>({2, 3}, {false, false, false, true, false, false})}},
  });
  check_error({"no matrix", "EyeLike", {Tensor::scalar(1.0f)}, {}, {Tensor::scalar(1.0f)}}, "a matrix");
}

TEST(Range, CountsUpAndDown) {
  const auto i32 = [](std::int32_t v) { return Tensor::scalar(v); };
  check_cases({
      {"up", "Range", {i32(3), i32(9), i32(3)}, {}, {Tensor::of<std::int32_t>({2}, {3, 6})}},
      {"down", "Range", {i32(10), i32(4), i32(-2)}, {}, {Tensor::of<std::int32_t>({3}, {10, 8, 6})}},
      {"nothing", "Range", {i32(4), i32(4), i32(1)}, {}, {Tensor::of<std::int32_t>({0}, {})}},
      {"f32",
       "Range",
       {Tensor::scalar(1.0f), Tensor::scalar(2.0f), Tensor::scalar(0.4f)},
       {},
       {Tensor::of<float>({3}, {1, 1.4f, 1.8f})}},
      {"f16 beyond its exact integers",
       "Range",
       {Tensor::scalar(F16(2047.0)), Tensor::scalar(F16(2052.0)), Tensor::scalar(F16(1.0))},
       {},
       {Tensor::of<F16>({5}, {F16(2047.0), F16(2048.0), F16(2048.0), F16(2050.0), F16(2052.0)})}},
  });
  check_error({"no step", "Range", {i32(1), i32(2), i32(0)}, {}, {i32(0)}}, "step other than 0");
}

TEST(OneHot, PlacesItsAxis) {
  const Tensor depth = Tensor::scalar<std::int64_t>(3);
  const Tensor values = Tensor::of<std::int32_t>({2}, {1, 5});
  check_cases({
      {"last axis; negative and outside",
       "OneHot",
       {Tensor::of_ints(Ints{1, -1, 3}), depth, values},
       {},
       {Tensor::of<std::int32_t>({3, 3}, {1, 5, 1, 1, 1, 5, 1, 1, 1})}},
      {"first axis",
       "OneHot",
       {Tensor::of<float>({2}, {0, 2}), depth, Tensor::of<std::string>({2}, {"", "x"})},
       {{"axis", std::int64_t{0}}},
       {Tensor::of<std::string>({3, 2}, {"x", "", "", "", "", "x"})}},
  });
  check_error(
      {"depth", "OneHot", {Tensor::of_ints(Ints{1}), Tensor::scalar<std::int64_t>(0), values}, {}, {values}},
      "depth of 1 or more");
}

TEST(Identity, PassesAnything) {
  const Sequence pair = {Tensor::scalar(1.0f), Tensor::scalar(2.0f)};
  check_cases({
      {"tensor", "Identity", {Tensor::scalar<std::string>("a")}, {}, {Tensor::scalar<std::string>("a")}},
      {"sequence", "Identity", {pair}, {}, {pair}},
  });
}

TEST(Range, KnowsItsContent) {
  const Dim n = Dim::symbol("N");
  EXPECT_EQ(text(inferred("Range", {known_scalar(n), known_scalar(n + 3), known_scalar(1)})[0]),
            "i64[3] = [N,N+1,N+2]");
  EXPECT_EQ(text(inferred("Range", {known_scalar(0), known_scalar(n), known_scalar(1)})[0]), "i64[N]");
}

TEST(ConstantOfShape, TakesSymbols) {
  EXPECT_EQ(text(inferred("ConstantOfShape", {known_list({Dim::symbol("N"), 3})})[0]), "f32[N,3]");
  EXPECT_EQ(
      text(inferred("ConstantOfShape", {known_list({2})}, {{"value", Tensor::scalar<std::int64_t>(7)}})[0]),
      "i64[2] = [7,7]");
}

}  // namespace
}  // namespace atlas
