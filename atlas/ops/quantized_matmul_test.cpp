// MatMulInteger and QLinearMatMul.
#include <gtest/gtest.h>

#include "atlas/ops/op_harness_test.h"

namespace atlas {
namespace {

TEST(QuantizedMatMul, GivesKnownValues) {
  const Tensor a = Tensor::of<std::uint8_t>({2, 2}, {11, 7, 10, 6});
  const Tensor b = Tensor::of<std::int8_t>({2, 2}, {1, 4, 2, 5});
  const Tensor one = Tensor::scalar(1.0f);
  check_cases({
      {"one zero point",
       "MatMulInteger",
       {a, b, Tensor::scalar<std::uint8_t>(10)},
       {},
       {Tensor::of<std::int32_t>({2, 2}, {-5, -11, -8, -20})}},
      {"zero points of rows and columns",
       "MatMulInteger",
       {a, b, Tensor::of<std::uint8_t>({2}, {7, 6}), Tensor::of<std::int8_t>({2}, {1, 4})},
       {},
       {Tensor::of<std::int32_t>({2, 2}, {0, 0, 0, 0})}},
      {"scales, rounded to even, saturated",
       "QLinearMatMul",
       {a, Tensor::scalar(.5f), Tensor::scalar<std::uint8_t>(10), b, Tensor::of<float>({2}, {1, 100}),
        Tensor::scalar<std::int8_t>(0), one, Tensor::scalar<std::int8_t>(-10)},
       {},
       {Tensor::of<std::int8_t>({2, 2}, {-12, -128, -14, -128})}},
  });
}

TEST(QuantizedMatMul, RefusesZeroPointsOfOtherLengths) {
  const Tensor a = Tensor::of<std::uint8_t>({2, 1}, {1, 2});
  check_error({"zero points",
               "MatMulInteger",
               {a, Tensor::of<std::uint8_t>({1, 1}, {1}), Tensor::of<std::uint8_t>({3}, {1, 2, 3})},
               {},
               {a}},
              "broadcast");
}

}  // namespace
}  // namespace atlas
