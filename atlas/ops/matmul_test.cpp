// MatMul, Gemm and Det.
#include <gtest/gtest.h>

#include "atlas/ops/op_harness_test.h"

namespace atlas {
namespace {

const Tensor kMatrix = Tensor::of<float>({2, 3}, {1, 2, 3, 4, 5, 6});

TEST(MatMul, GivesKnownValues) {
  const Tensor vector = Tensor::of<float>({3}, {1, 0, -1});
  check_cases({
      {"matrices",
       "MatMul",
       {kMatrix, Tensor::of<float>({3, 2}, {1, 0, 0, 1, 1, 1})},
       {},
       {Tensor::of<float>({2, 2}, {4, 5, 10, 11})}},
      {"matrix and column", "MatMul", {kMatrix, vector}, {}, {Tensor::of<float>({2}, {-2, -2})}},
      {"row and stack of matrices",
       "MatMul",
       {Tensor::of<float>({2}, {1, 2}), Tensor::of<float>({2, 2, 1}, {1, 2, 3, 4})},
       {},
       {Tensor::of<float>({2, 1}, {5, 11})}},
      {"vectors", "MatMul", {vector, vector}, {}, {Tensor::of<float>({}, {2})}},
      {"stacks broadcast",
       "MatMul",
       {Tensor::of<double>({2, 1, 1, 1}, {2, 3}), Tensor::of<double>({1, 2, 1, 1}, {5, 7})},
       {},
       {Tensor::of<double>({2, 2, 1, 1}, {10, 14, 15, 21})}},
      {"64-bit integers stay exact",
       "MatMul",
       {Tensor::of<std::int64_t>({1, 1}, {(1LL << 53) + 1}), Tensor::of<std::int64_t>({1, 1}, {3})},
       {},
       {Tensor::of<std::int64_t>({1, 1}, {3 * ((1LL << 53) + 1)})}},
      {"nothing to sum",
       "MatMul",
       {Tensor::of<float>({2, 0}, {}), Tensor::of<float>({0, 1}, {})},
       {},
       {Tensor::of<float>({2, 1}, {0, 0})}},
  });
  check_error({"inner", "MatMul", {kMatrix, kMatrix}, {}, {kMatrix}},
              "expected inner extents that agree, got [2,3] and [2,3]");
  check_error({"scalar", "MatMul", {kMatrix, Tensor::scalar(1.0f)}, {}, {kMatrix}},
              "expected operands of rank 1 or more");
}

TEST(Gemm, GivesKnownValues) {
  const Tensor other = Tensor::of<float>({2, 1}, {1, 2});
  check_cases({
      {"transposed and scaled",
       "Gemm",
       {kMatrix, other, Tensor::of<float>({1, 1}, {10})},
       {{"transA", std::int64_t{1}}, {"alpha", .5f}, {"beta", 2.0f}},
       {Tensor::of<float>({3, 1}, {24.5f, 26, 27.5f})}},
      {"C along columns",
       "Gemm",
       {other, other, Tensor::of<float>({2}, {1, -1})},
       {{"transB", std::int64_t{1}}},
       {Tensor::of<float>({2, 2}, {2, 1, 3, 3})}},
      {"integers",
       "Gemm",
       {Tensor::of<std::int32_t>({1, 1}, {-7}), Tensor::of<std::int32_t>({1, 1}, {3})},
       {{"alpha", 2.0f}},
       {Tensor::of<std::int32_t>({1, 1}, {-42})}},
  });
  check_error({"C",
               "Gemm",
               {other, Tensor::of<float>({1, 1}, {1}), Tensor::of<float>({3, 1}, {1, 2, 3})},
               {},
               {kMatrix}},
              "do");
}

TEST(Det, GivesKnownValues) {
  check_cases({
      {"rows swapped", "Det", {Tensor::of<float>({2, 2}, {0, 1, 2, 3})}, {}, {Tensor::of<float>({}, {-2})}},
      {"a stack, one singular",
       "Det",
       {Tensor::of<double>({2, 2, 2}, {1, 2, 3, 4, 1, 2, 2, 4})},
       {},
       {Tensor::of<double>({2}, {-2, 0})}},
  });
  check_error({"shape", "Det", {kMatrix}, {}, {kMatrix}}, "expected square matrices, got [2,3]");
}

}  // namespace
}  // namespace atlas
