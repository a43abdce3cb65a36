// LpNormalization, MeanVarianceNormalization and LRN.
#include <gtest/gtest.h>

#include <cmath>

#include "atlas/ops/op_harness_test.h"

namespace atlas {
namespace {

TEST(VectorNormalization, GivesKnownValues) {
  const Tensor x = Tensor::of<float>({2, 2}, {3, 4, 0, 0});
  check_cases({
      {"norm 2, zeros stay", "LpNormalization", {x}, {}, {Tensor::of<float>({2, 2}, {.6f, .8f, 0, 0})}},
      {"norm 1 along rows",
       "LpNormalization",
       {Tensor::of<double>({2, 1}, {-1, 3})},
       {{"p", std::int64_t{1}}, {"axis", std::int64_t{0}}},
       {Tensor::of<double>({2, 1}, {-.25, .75})}},
      {"mean and variance",
       "MeanVarianceNormalization",
       {Tensor::of<float>({2, 2}, {1, 5, 3, 9})},
       {{"axes", std::vector<std::int64_t>{0}}},
       {Tensor::of<float>({2, 2}, {-1, -1, 1, 1})}},
      {"neighbouring channels",
       "LRN",
       {Tensor::of<float>({1, 3, 1}, {1, 2, 3})},
       {{"size", std::int64_t{2}}, {"alpha", 2.0f}, {"beta", 1.0f}},
       {Tensor::of<float>({1, 3, 1}, {1.0f / 6, 2.0f / 14, 3.0f / 10})}},
  });
}

TEST(VectorNormalization, RefusesWhatDoesNotFit) {
  const Tensor x = Tensor::of<float>({2}, {3, 4});
  check_error({"p", "LpNormalization", {x}, {{"p", std::int64_t{3}}}, {x}}, "expected p to be 1 or 2, got 3");
  check_error({"axis", "LpNormalization", {x}, {{"axis", std::int64_t{1}}}, {x}}, "axis");
  check_error({"rank", "LRN", {x}, {{"size", std::int64_t{1}}}, {x}}, "expected batch and channels, got [2]");
}

}  // namespace
}  // namespace atlas
