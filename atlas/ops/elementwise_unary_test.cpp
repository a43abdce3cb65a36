// Functions of one number.
#include <gtest/gtest.h>

#include <cmath>
#include <limits>

#include "atlas/ops/op_harness_test.h"

namespace atlas {
namespace {

constexpr float kInf = std::numeric_limits<float>::infinity();
constexpr float kNan = std::numeric_limits<float>::quiet_NaN();

TEST(ElementwiseUnary, GivesKnownValues) {
  const Tensor x = Tensor::of<float>({3}, {0, 1, 2});
  check_cases({
      {"f32", "Exp", {x}, {}, {Tensor::of<float>({3}, {1, std::exp(1.0f), std::exp(2.0f)})}},
      {"f64",
       "Log",
       {Tensor::of<double>({2}, {1, 10})},
       {},
       {Tensor::of<double>({2}, {0, std::log(10.0)})},
       1e-12},
      {"scalar", "Sqrt", {Tensor::scalar(9.0f)}, {}, {Tensor::scalar(3.0f)}},
      {"empty", "Erf", {Tensor(DType::F32, {0, 2})}, {}, {Tensor(DType::F32, {0, 2})}},
      {"f16 rounds once",
       "Reciprocal",
       {Tensor::of<F16>({1}, {F16(3.0)})},
       {},
       {Tensor::of<F16>({1}, {F16(1.0 / 3)})},
       0},
  });
}

TEST(ElementwiseUnary, RoundsTiesToEven) {
  check_cases({{"ties",
                "Round",
                {Tensor::of<float>({6}, {0.5f, 1.5f, 2.5f, -0.5f, -1.5f, -2.6f})},
                {},
                {Tensor::of<float>({6}, {0, 2, 2, 0, -2, -3})},
                0}});
}

TEST(ElementwiseUnary, TreatsSignsOfEveryType) {
  constexpr std::int64_t kLowest = std::numeric_limits<std::int64_t>::min();
  const Tensor large = Tensor::of<std::uint64_t>({2}, {0, ~0ull});
  check_cases({
      {"i8 wraps",
       "Abs",
       {Tensor::of<std::int8_t>({3}, {-128, -3, 4})},
       {},
       {Tensor::of<std::int8_t>({3}, {-128, 3, 4})}},
      {"u64 has no sign", "Abs", {large}, {}, {large}},
      {"u64 is positive", "Sign", {large}, {}, {Tensor::of<std::uint64_t>({2}, {0, 1})}},
      {"nan stays",
       "Sign",
       {Tensor::of<float>({3}, {-2, kNan, 0})},
       {},
       {Tensor::of<float>({3}, {-1, kNan, 0})}},
      {"i64 exact",
       "Neg",
       {Tensor::of<std::int64_t>({2}, {kLowest, 9007199254740993})},
       {},
       {Tensor::of<std::int64_t>({2}, {kLowest, -9007199254740993})}},
  });
}

TEST(ElementwiseUnary, FlipsBits) {
  check_cases({
      {"u8",
       "BitwiseNot",
       {Tensor::of<std::uint8_t>({2}, {0, 5})},
       {},
       {Tensor::of<std::uint8_t>({2}, {255, 250})}},
      {"bool", "Not", {Tensor::of<bool>({2}, {true, false})}, {}, {Tensor::of<bool>({2}, {false, true})}},
  });
}

TEST(ElementwiseUnary, TestsForSpecialValues) {
  const Tensor x = Tensor::of<float>({4}, {kInf, -kInf, kNan, 1});
  check_cases({
      {"nan", "IsNaN", {x}, {}, {Tensor::of<bool>({4}, {false, false, true, false})}},
      {"both", "IsInf", {x}, {}, {Tensor::of<bool>({4}, {true, true, false, false})}},
      {"positive",
       "IsInf",
       {x},
       {{"detect_negative", std::int64_t{0}}},
       {Tensor::of<bool>({4}, {true, false, false, false})}},
  });
}

TEST(ElementwiseUnary, RefusesOtherTypes) {
  check_error({"integers", "Exp", {Tensor::of<std::int32_t>({1}, {1})}, {}, {Tensor::of<float>({1}, {1})}},
              "not among those");
}

}  // namespace
}  // namespace atlas
