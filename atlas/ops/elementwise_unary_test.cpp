// Functions of one number.
#include <gtest/gtest.h>

#include <cmath>

#include "atlas/ops/op_harness_test.h"

namespace atlas {
namespace {

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
  });
}

TEST(ElementwiseUnary, RefusesOtherTypes) {
  check_error({"integers", "Exp", {Tensor::of<std::int32_t>({1}, {1})}, {}, {Tensor::of<float>({1}, {1})}},
              "not among those");
}

}  // namespace
}  // namespace atlas
