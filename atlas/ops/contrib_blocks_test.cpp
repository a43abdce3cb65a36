// Weights in blocks of ONNX Runtime's domain; the numbers are ONNX Runtime's.
#include <gtest/gtest.h>

#include "atlas/ops/op_harness_test.h"

namespace atlas {
namespace {

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
const Tensor kBytes3x16 = Tensor::of<std::uint8_t>(
    {3, 16}, {106, 152, 249, 131, 184, 200, 0,   21,  253, 147, 202, 107, 249, 169, 138, 149,
              119, 166, 224, 148, 172, 93,  167, 142, 248, 26,  81,  218, 150, 66,  2,   191,
              60,  129, 179, 90,  69,  104, 110, 97,  157, 106, 152, 251, 62,  7,   248, 171});
const Tensor kFloats3x1 = Tensor::of<float>({3, 1}, {0.125f, 0.0625f, 0.3125f});

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

TEST(GatherBlockQuantized, TakesBlocks) {
  check_cases({
      {"two in a byte",
       "com.microsoft::GatherBlockQuantized",
       {kBytes3x16, Tensor::of<std::int64_t>({1, 2}, {2, 0}),
        Tensor::of<float>({3, 2}, {0.125f, 0.25f, 0.0625f, 0.375f, 0.3125f, 0.4375f})},
       {{"block_size", std::int64_t{16}},
        {"bits", std::int64_t{4}},
        {"gather_axis", std::int64_t{0}},
        {"quantize_axis", std::int64_t{1}}},
       {Tensor::of<float>(
           {1, 2, 32},
           {1.25f,   -1.5625f, -2.1875f, 0,       -1.5625f, 0.9375f,  0.625f,   -0.9375f, -0.9375f, -1.25f,
            0,       -0.625f,  1.875f,   -0.625f, -2.1875f, -0.625f,  2.1875f,  0.4375f,  0.875f,   -0.875f,
            0,       0.4375f,  1.3125f,  3.0625f, 2.625f,   -2.1875f, -0.4375f, -3.5f,    0,        3.0625f,
            1.3125f, 0.875f,   0.25f,    -0.25f,  0,        0.125f,   0.125f,   0.875f,   -0.625f,  0,
            0,       0.375f,   0,        0.5f,    -1,       -1,       -0.375f,  -0.875f,  1.25f,    1.75f,
            -1.25f,  0.25f,    0.5f,     1,       0.75f,    -0.5f,    0.25f,    1.75f,    0.25f,    0.5f,
            0.5f,    0,        -0.75f,   0.25f})}},
      {"zero points",
       "com.microsoft::GatherBlockQuantized",
       {Tensor::of<std::uint8_t>({3, 8}, {106, 152, 249, 131, 184, 200, 0,   21, 119, 166, 224, 148,
                                          172, 93,  167, 142, 60,  129, 179, 90, 69,  104, 110, 97}),
        Tensor::of<std::int32_t>({1}, {1}), kFloats3x1, Tensor::of<std::uint8_t>({3, 1}, {3, 10, 7})},
       {{"block_size", std::int64_t{16}},
        {"bits", std::int64_t{4}},
        {"gather_axis", std::int64_t{0}},
        {"quantize_axis", std::int64_t{1}}},
       {Tensor::of<float>({1, 16}, {-0.1875f, -0.1875f, -0.25f, 0, -0.625f, 0.25f, -0.375f, -0.0625f, 0.125f,
                                    0, 0.1875f, -0.3125f, -0.1875f, 0, 0.25f, -0.125f})}},
      {"bytes",
       "com.microsoft::GatherBlockQuantized",
       {kBytes3x16, Tensor::of<std::int32_t>({1}, {1}), kFloats3x1},
       {{"block_size", std::int64_t{16}},
        {"bits", std::int64_t{8}},
        {"gather_axis", std::int64_t{0}},
        {"quantize_axis", std::int64_t{1}}},
       {Tensor::of<float>({1, 16}, {-0.5625f, 2.375f, 6, 1.25f, 2.75f, -2.1875f, 2.4375f, 0.875f, 7.5f,
                                    -6.375f, -2.9375f, 5.625f, 1.375f, -3.875f, -7.875f, 3.9375f})}},
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
