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
const Tensor kFloats1x20 =
    Tensor::of<float>({1, 20}, {-0.25f, 1,     -2,     -0.75f, -1.5f, -1.75f, -1.25f, -0.5f, -0.5f, 0.25f,
                                -0.25f, 0.75f, -1.25f, 1.5f,   -2,    0.75f,  -0.25f, 0.25f, -1.5f, -1.25f});
const Tensor kBytes2x2x8 = Tensor::of<std::uint8_t>(
    {2, 2, 8}, {172, 47,  117, 192, 67,  251, 195, 103, 9,  211, 21,  242, 36, 87, 70, 216,
                88,  140, 58,  193, 230, 39,  87,  174, 88, 81,  165, 25,  77, 72, 9,  148});
const Tensor kFloats4 = Tensor::of<float>({4}, {0.109375f, 0.0625f, 0.09375f, 0.078125f});
const Tensor kBytes2x2x16 = Tensor::of<std::uint8_t>(
    {2, 2, 16}, {115, 208, 243, 197, 254, 79,  175, 192, 82, 99,  216, 177, 243, 29,  147, 147,
                 142, 167, 32,  193, 9,   185, 127, 32,  31, 202, 244, 151, 163, 254, 203, 114,
                 183, 28,  34,  128, 128, 164, 53,  133, 38, 232, 244, 17,  79,  132, 105, 42,
                 186, 31,  120, 1,   65,  231, 169, 57,  35, 102, 119, 11,  174, 82,  91,  128});

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

TEST(MatMulNBits, TakesBlocks) {
  check_cases({
      {"4 bits",
       "com.microsoft::MatMulNBits",
       {kFloats1x20, kBytes2x2x8, kFloats4},
       {{"K", std::int64_t{20}},
        {"N", std::int64_t{2}},
        {"bits", std::int64_t{4}},
        {"block_size", std::int64_t{16}}},
       {Tensor::of<float>({1, 2}, {2.6171875f, -0.2578125f})}},
      {"4 bits, zero points",
       "com.microsoft::MatMulNBits",
       {kFloats1x20,
        kBytes2x2x8,
        kFloats4,
        Tensor::of<std::uint8_t>({2}, {58, 127}),
        {},
        Tensor::of<float>({2}, {-0.25f, 1})},
       {{"K", std::int64_t{20}},
        {"N", std::int64_t{2}},
        {"bits", std::int64_t{4}},
        {"block_size", std::int64_t{16}}},
       {Tensor::of<float>({1, 2}, {3.203125f, 5.6132812f})}},
      {"float zero points",
       "com.microsoft::MatMulNBits",
       {kFloats1x20, kBytes2x2x8, kFloats4, Tensor::of<float>({4}, {3.5f, 7, 9, 12})},
       {{"K", std::int64_t{20}},
        {"N", std::int64_t{2}},
        {"bits", std::int64_t{4}},
        {"block_size", std::int64_t{16}}},
       {Tensor::of<float>({1, 2}, {-1.3691406f, 1.328125f})}},
      {"groups",
       "com.microsoft::MatMulNBits",
       {kFloats1x20, kBytes2x2x8, kFloats4, {}, Tensor::of<std::int32_t>({20}, {0, 1, 0, 1, 0, 1, 0,
                                                                                1, 0, 1, 0, 1, 0, 1,
                                                                                0, 1, 0, 1, 0, 1})},
       {{"K", std::int64_t{20}},
        {"N", std::int64_t{2}},
        {"bits", std::int64_t{4}},
        {"block_size", std::int64_t{16}}},
       {Tensor::of<float>({1, 2}, {2.2539062f, -0.05859375f})}},
      {"8 bits",
       "com.microsoft::MatMulNBits",
       {kFloats1x20, kBytes2x2x16, kFloats4, Tensor::of<std::uint8_t>({4}, {120, 130, 140, 100})},
       {{"K", std::int64_t{20}},
        {"N", std::int64_t{2}},
        {"bits", std::int64_t{8}},
        {"block_size", std::int64_t{16}}},
       {Tensor::of<float>({1, 2}, {-76.28125f, 23.328125f})}},
      {"8 bits no zp",
       "com.microsoft::MatMulNBits",
       {kFloats1x20, kBytes2x2x16, kFloats4},
       {{"K", std::int64_t{20}},
        {"N", std::int64_t{2}},
        {"bits", std::int64_t{8}},
        {"block_size", std::int64_t{16}}},
       {Tensor::of<float>({1, 2}, {-69.84375f, 20.625f})}},
      {"2 bits",
       "com.microsoft::MatMulNBits",
       {kFloats1x20,
        Tensor::of<std::uint8_t>({2, 2, 4},
                                 {172, 47, 117, 192, 9, 211, 21, 242, 88, 140, 58, 193, 88, 81, 165, 25}),
        kFloats4},
       {{"K", std::int64_t{20}},
        {"N", std::int64_t{2}},
        {"bits", std::int64_t{2}},
        {"block_size", std::int64_t{16}}},
       {Tensor::of<float>({1, 2}, {0.66015625f, 1.0273438f})}},
  });
}

TEST(MatMulNBits, RefusesOddSizes) {
  const Tensor a = Tensor::of<float>({1, 2}, {1, 2});
  const Tensor b = Tensor::of<std::uint8_t>({1, 1, 1}, {0});
  const auto with = [&](std::int64_t bits, std::int64_t block) {
    return OpCase{"sizes",
                  "com.microsoft::MatMulNBits",
                  {a, b, Tensor::of<float>({1}, {1})},
                  {{"K", std::int64_t{2}}, {"N", std::int64_t{1}}, {"bits", bits}, {"block_size", block}},
                  {a}};
  };
  check_error(with(3, 16), "expected 2, 4 or 8 bits, got 3");
  check_error(with(4, 24), "expected a power of two, 16 or more, as block_size, got 24");
  check_error(with(4, 16), "Reshape");
}

}  // namespace
}  // namespace atlas
