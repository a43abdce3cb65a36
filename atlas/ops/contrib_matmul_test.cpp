// Products of matrices of ONNX Runtime's domain; the numbers are ONNX Runtime's.
#include <gtest/gtest.h>

#include "atlas/ops/op_harness_test.h"

namespace atlas {
namespace {

const Tensor kFloats2x3 = Tensor::of<float>({2, 3}, {-0.25f, 1, -2, -0.75f, -1.5f, -1.75f});
const Tensor kFloats2x3b = Tensor::of<float>({2, 3}, {-1, 1.5f, -1.25f, 1.75f, -0, 0.5f});
const Tensor kFloats2x3x2 = Tensor::of<float>(
    {2, 3, 2}, {-0.25f, 1, -2, -0.75f, -1.5f, -1.75f, -1.25f, -0.5f, -0.5f, 0.25f, -0.25f, 0.75f});
const Tensor kFloats3x2x2 =
    Tensor::of<float>({3, 2, 2}, {-1, 1.5f, -1.25f, 1.75f, -0, 0.5f, 1, 0, -0.75f, -1.25f, -1.75f, 1});

TEST(FusedMatMul, Transposes) {
  check_cases({
      {"plain",
       "com.microsoft::FusedMatMul",
       {kFloats2x3, kFloats2x3b},
       {{"transB", std::int64_t{1}}, {"alpha", 0.5f}},
       {Tensor::of<float>({2, 2}, {2.125f, -0.71875f, 0.34375f, -1.09375f})}},
      {"batches",
       "com.microsoft::FusedMatMul",
       {kFloats2x3x2, kFloats3x2x2},
       {{"transBatchA", std::int64_t{1}}},
       {Tensor::of<float>({3, 2, 2}, {-1, 1.375f, 1.875f, -2.75f, -0.75f, -1, 0.25f, -0.25f, 4.1875f, 0.125f,
                                      -1.125f, 1.0625f})}},
      {"batches and rows",
       "com.microsoft::FusedMatMul",
       {kFloats2x3x2, kFloats3x2x2},
       {{"transBatchA", std::int64_t{1}}, {"transA", std::int64_t{1}}, {"transB", std::int64_t{1}}},
       {Tensor::of<float>({3, 2, 2}, {-1.625f, -1.875f, -1.75f, -2.125f, -0.25f, -2, 0.125f, -0.75f, 1.4375f,
                                      2.375f, 0.375f, 3.8125f})}},
      {"batches of both",
       "com.microsoft::FusedMatMul",
       {kFloats2x3x2,
        Tensor::of<float>({2, 3, 2}, {-1, 1.5f, -1.25f, 1.75f, -0, 0.5f, 1, 0, -0.75f, -1.25f, -1.75f, 1})},
       {{"transBatchA", std::int64_t{1}}, {"transBatchB", std::int64_t{1}}},
       {Tensor::of<float>({3, 2, 2}, {1.25f, -0.375f, 0.75f, -1.875f, 3.0625f, -2.5625f, 0.4375f, -1.1875f,
                                      3.0625f, -2.5f, -1.3125f, 0.625f})}},
  });
}

TEST(FusedGemm, Activates) {
  check_cases({
      {"relu",
       "com.microsoft::FusedGemm",
       {kFloats2x3, kFloats2x3b, Tensor::of<float>({2}, {1.5f, -0.75f})},
       {{"transB", std::int64_t{1}}, {"alpha", 0.5f}, {"beta", 2.0f}, {"activation", std::string("Relu")}},
       {Tensor::of<float>({2, 2}, {5.125f, 0, 3.34375f, 0})}},
      {"leaky",
       "com.microsoft::FusedGemm",
       {kFloats2x3, Tensor::of<float>({3, 2}, {-1, 1.5f, -1.25f, 1.75f, -0, 0.5f})},
       {{"activation", std::string("LeakyRelu")}, {"activation_alpha", 0.25f}},
       {Tensor::of<float>({2, 2}, {-0.25f, 0.375f, 2.625f, -1.15625f})}},
  });
}

}  // namespace
}  // namespace atlas
