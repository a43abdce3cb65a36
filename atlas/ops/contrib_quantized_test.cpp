// Operators of ONNX Runtime's domain on 8-bit numbers; the numbers are ONNX Runtime's.
#include <gtest/gtest.h>

#include "atlas/ops/op_harness_test.h"

namespace atlas {
namespace {

using Ints = std::vector<std::int64_t>;

const Tensor kBytes2x3 = Tensor::of<std::uint8_t>({2, 3}, {37, 235, 140, 72, 255, 137});
const Tensor kBytes1x2x2x2 = Tensor::of<std::uint8_t>({1, 2, 2, 2}, {37, 235, 140, 72, 255, 137, 203, 133});
const Tensor kBytes5 = Tensor::of<std::uint8_t>({5}, {37, 235, 140, 72, 255});
const Tensor kSigned3x2 = Tensor::of<std::int8_t>({3, 2}, {-91, 107, 12, -56, 127, 9});
const Tensor kSigned2x3 = Tensor::of<std::int8_t>({2, 3}, {-91, 107, 12, -56, 127, 9});
const Tensor kFloats2x3 = Tensor::of<float>({2, 3}, {-0.25f, 1, -2, -0.75f, -1.5f, -1.75f});

TEST(ContribQuantized, Pairs) {
  check_cases({
      {"broadcast",
       "com.microsoft::QLinearAdd",
       {kBytes2x3, Tensor::scalar<float>(0.02f), Tensor::scalar<std::uint8_t>(120),
        Tensor::of<std::uint8_t>({3}, {168, 15, 237}), Tensor::scalar<float>(0.03f),
        Tensor::scalar<std::uint8_t>(100), Tensor::scalar<float>(0.04f), Tensor::scalar<std::uint8_t>(128)},
       {},
       {Tensor::of<std::uint8_t>({2, 3}, {138, 122, 241, 155, 132, 239})}},
      {"broadcast",
       "com.microsoft::QLinearMul",
       {kBytes2x3, Tensor::scalar<float>(0.02f), Tensor::scalar<std::uint8_t>(120),
        Tensor::of<std::uint8_t>({3}, {168, 15, 237}), Tensor::scalar<float>(0.03f),
        Tensor::scalar<std::uint8_t>(100), Tensor::scalar<float>(0.04f), Tensor::scalar<std::uint8_t>(128)},
       {},
       {Tensor::of<std::uint8_t>({2, 3}, {43, 0, 169, 79, 0, 163})}},
      {"signed",
       "com.microsoft::QLinearMul",
       {Tensor::of<std::int8_t>({3}, {-91, 107, 12}), Tensor::scalar<float>(0.02f),
        Tensor::scalar<std::int8_t>(3), Tensor::of<std::int8_t>({3}, {40, -113, 109}),
        Tensor::scalar<float>(0.03f), Tensor::scalar<std::int8_t>(0), Tensor::scalar<float>(0.05f),
        Tensor::scalar<std::int8_t>(0)},
       {},
       {Tensor::of<std::int8_t>({3}, {-45, -128, 12})}},
      {"two",
       "com.microsoft::QLinearConcat",
       {Tensor::scalar<float>(0.1f), Tensor::scalar<std::uint8_t>(10),
        Tensor::of<std::uint8_t>({1, 2}, {37, 235}), Tensor::scalar<float>(0.05f),
        Tensor::scalar<std::uint8_t>(100), Tensor::of<std::uint8_t>({1, 3}, {168, 15, 237}),
        Tensor::scalar<float>(0.2f), Tensor::scalar<std::uint8_t>(120)},
       {{"axis", std::int64_t{1}}},
       {Tensor::of<std::uint8_t>({1, 5}, {0, 78, 106, 0, 244})}},
      {"choice",
       "com.microsoft::QLinearWhere",
       {Tensor::of<bool>({3}, {true, false, true}), Tensor::of<std::uint8_t>({3}, {37, 235, 140}),
        Tensor::scalar<float>(0.1f), Tensor::scalar<std::uint8_t>(128),
        Tensor::of<std::uint8_t>({3}, {168, 15, 237}), Tensor::scalar<float>(0.2f),
        Tensor::scalar<std::uint8_t>(100), Tensor::scalar<float>(0.15f), Tensor::scalar<std::uint8_t>(128)},
       {},
       {Tensor::of<std::uint8_t>({3}, {67, 15, 136})}},
  });
}

TEST(ContribQuantized, Pools) {
  check_cases({
      {"average",
       "com.microsoft::QLinearAveragePool",
       {Tensor::of<std::uint8_t>({1, 1, 3, 3}, {37, 235, 140, 72, 255, 137, 203, 133, 79}),
        Tensor::scalar<float>(0.1f), Tensor::scalar<std::uint8_t>(128), Tensor::scalar<float>(0.13f),
        Tensor::scalar<std::uint8_t>(100)},
       {{"kernel_shape", Ints{2, 2}}, {"pads", Ints{1, 1, 0, 0}}},
       {Tensor::of<std::uint8_t>({1, 1, 3, 3}, {30, 106, 146, 43, 117, 149, 107, 129, 118})}},
      {"channels last",
       "com.microsoft::QLinearAveragePool",
       {Tensor::of<std::uint8_t>({1, 2, 2, 3}, {37, 235, 140, 72, 255, 137, 203, 133, 79, 192, 144, 129}),
        Tensor::scalar<float>(0.1f), Tensor::scalar<std::uint8_t>(128), Tensor::scalar<float>(0.13f),
        Tensor::scalar<std::uint8_t>(100)},
       {{"kernel_shape", Ints{2, 2}}, {"channels_last", std::int64_t{1}}},
       {Tensor::of<std::uint8_t>({1, 1, 1, 3}, {98, 149, 95})}},
      {"global",
       "com.microsoft::QLinearGlobalAveragePool",
       {kBytes1x2x2x2, Tensor::scalar<float>(0.1f), Tensor::scalar<std::uint8_t>(128),
        Tensor::scalar<float>(0.13f), Tensor::scalar<std::uint8_t>(100)},
       {{"channels_last", std::int64_t{0}}},
       {Tensor::of<std::uint8_t>({1, 2, 1, 1}, {95, 142})}},
      {"global, channels last",
       "com.microsoft::QLinearGlobalAveragePool",
       {kBytes1x2x2x2, Tensor::scalar<float>(0.1f), Tensor::scalar<std::uint8_t>(128),
        Tensor::scalar<float>(0.13f), Tensor::scalar<std::uint8_t>(100)},
       {{"channels_last", std::int64_t{1}}},
       {Tensor::of<std::uint8_t>({1, 1, 1, 2}, {124, 112})}},
  });
}

TEST(ContribQuantized, Convolution) {
  const auto signed_zero = Tensor::of<std::int8_t>({2}, {0, 0});
  check_cases({{"channels last",
                "com.microsoft::QLinearConv",
                {Tensor::of<std::uint8_t>({1, 2, 2, 2}, {37, 235, 140, 72, 255, 137, 203, 133}),
                 Tensor::scalar<float>(0.1f), Tensor::scalar<std::uint8_t>(120),
                 Tensor::of<std::int8_t>({2, 2, 2, 1}, {-91, 107, 12, -56, 127, 9, 33, -20}),
                 Tensor::of<float>({2}, {0.05f, 0.1f}), signed_zero, Tensor::scalar<float>(2),
                 Tensor::scalar<std::uint8_t>(100), Tensor::of<std::int32_t>({2}, {100, -200})},
                {{"channels_last", std::int64_t{1}}, {"pads", Ints{0, 1, 0, 0}}},
                {Tensor::of<std::uint8_t>({1, 1, 3, 2}, {100, 99, 156, 70, 115, 106})}}});
}

TEST(ContribQuantized, Functions) {
  check_cases({
      {"no zero points",
       "com.microsoft::QLinearLeakyRelu",
       {Tensor::of<std::uint8_t>({3}, {37, 235, 140}),
        Tensor::scalar<float>(0.1f),
        {},
        Tensor::scalar<float>(0.15f),
        {}},
       {{"alpha", 0.25f}},
       {Tensor::of<std::uint8_t>({3}, {25, 157, 93})}},
      {"leaky",
       "com.microsoft::QLinearLeakyRelu",
       {kBytes5, Tensor::scalar<float>(0.1f), Tensor::scalar<std::uint8_t>(128), Tensor::scalar<float>(0.1f),
        Tensor::scalar<std::uint8_t>(100)},
       {{"alpha", 0.25f}},
       {Tensor::of<std::uint8_t>({5}, {77, 207, 112, 86, 227})}},
      {"sigmoid",
       "com.microsoft::QLinearSigmoid",
       {kBytes5, Tensor::scalar<float>(0.05f), Tensor::scalar<std::uint8_t>(128),
        Tensor::scalar<float>(0.00390625f), Tensor::scalar<std::uint8_t>(0)},
       {},
       {Tensor::of<std::uint8_t>({5}, {3, 255, 165, 15, 255})}},
      {"rows",
       "com.microsoft::QLinearSoftmax",
       {kBytes2x3, Tensor::scalar<float>(0.02f), Tensor::scalar<std::uint8_t>(128),
        Tensor::scalar<float>(0.00390625f), Tensor::scalar<std::uint8_t>(0)},
       {{"axis", std::int64_t{-1}}, {"opset", std::int64_t{13}}},
       {Tensor::of<std::uint8_t>({2, 3}, {4, 219, 33, 6, 229, 22})}},
      {"all after the axis",
       "com.microsoft::QLinearSoftmax",
       {Tensor::of<std::uint8_t>({1, 2, 2}, {37, 235, 140, 72}), Tensor::scalar<float>(0.02f),
        Tensor::scalar<std::uint8_t>(128), Tensor::scalar<float>(0.00390625f),
        Tensor::scalar<std::uint8_t>(0)},
       {{"axis", std::int64_t{1}}, {"opset", std::int64_t{12}}},
       {Tensor::of<std::uint8_t>({1, 2, 2}, {4, 212, 32, 8})}},
  });
}

TEST(ContribQuantized, Products) {
  check_cases({
      {"to bytes",
       "com.microsoft::QGemm",
       {kBytes2x3, Tensor::scalar<float>(0.1f), Tensor::scalar<std::uint8_t>(120), kSigned3x2,
        Tensor::scalar<float>(0.05f), Tensor::scalar<std::int8_t>(3),
        Tensor::of<std::int32_t>({2}, {100, -200}), Tensor::scalar<float>(1),
        Tensor::scalar<std::uint8_t>(128)},
       {{"alpha", 0.5f}},
       {Tensor::of<std::uint8_t>({2, 2}, {157, 89, 148, 95})}},
      {"to real numbers",
       "com.microsoft::QGemm",
       {kBytes2x3, Tensor::scalar<float>(0.1f), Tensor::scalar<std::uint8_t>(120), kSigned2x3,
        Tensor::of<float>({2}, {0.05f, 0.1f}), Tensor::of<std::int8_t>({2}, {3, -3}),
        Tensor::of<std::int32_t>({2}, {100, -200})},
       {{"transB", std::int64_t{1}}},
       {Tensor::of<float>({2, 2}, {100.21001f, 193.89001f, 94.02501f, 200.98001f})}},
      {"signed weights",
       "com.microsoft::DynamicQuantizeMatMul",
       {kFloats2x3, kSigned3x2, Tensor::scalar<float>(0.1f), Tensor::scalar<std::int8_t>(3),
        Tensor::of<float>({2}, {0.25f, 0.75f})},
       {},
       {Tensor::of<float>({2, 2}, {-21.327648f, -8.919413f, -15.764118f, 0.75235295f})}},
      {"column scales",
       "com.microsoft::DynamicQuantizeMatMul",
       {kFloats2x3, Tensor::of<std::uint8_t>({3, 2}, {37, 235, 140, 72, 255, 137}),
        Tensor::of<float>({2}, {0.1f, 0.2f}), Tensor::of<std::uint8_t>({2}, {120, 130})},
       {},
       {Tensor::of<float>({2, 2}, {-22.949413f, -19.588236f, -20.42706f, -0.7976471f})}},
      {"bias",
       "com.microsoft::MatMulIntegerToFloat",
       {kBytes2x3, kSigned3x2, Tensor::scalar<float>(0.1f), Tensor::scalar<float>(0.2f),
        Tensor::scalar<std::uint8_t>(120), Tensor::scalar<std::int8_t>(3),
        Tensor::of<float>({2}, {0.25f, 0.75f})},
       {},
       {Tensor::of<float>({2, 2}, {226.59001f, -305.19003f, 156.95001f, -256.35f})}},
      {"column scales",
       "com.microsoft::MatMulIntegerToFloat",
       {kSigned2x3, kSigned3x2, Tensor::scalar<float>(0.1f), Tensor::of<float>({2}, {0.2f, 0.3f}),
        Tensor::scalar<std::int8_t>(2)},
       {},
       {Tensor::of<float>({2, 2}, {219.86002f, -472.23f, 153.34001f, -394.29f})}},
  });
}

TEST(ContribQuantized, Steps) {
  check_cases({
      {"16 bits",
       "com.microsoft::QuantizeLinear",
       {kFloats2x3, Tensor::scalar<float>(0.01f), Tensor::scalar<std::uint16_t>(30000)},
       {},
       {Tensor::of<std::uint16_t>({2, 3}, {29975, 30100, 29800, 29925, 29850, 29825})}},
      {"axis",
       "com.microsoft::QuantizeLinear",
       {Tensor::of<float>({2, 2}, {-0.25f, 1, -2, -0.75f}), Tensor::of<float>({2}, {0.01f, 0.1f}),
        Tensor::of<std::uint8_t>({2}, {100, 5})},
       {{"axis", std::int64_t{0}}},
       {Tensor::of<std::uint8_t>({2, 2}, {75, 200, 0, 0})}},
      {"axis",
       "com.microsoft::DequantizeLinear",
       {Tensor::of<std::uint8_t>({2, 2}, {37, 235, 140, 72}), Tensor::of<float>({2}, {0.01f, 0.1f}),
        Tensor::of<std::uint8_t>({2}, {100, 5})},
       {{"axis", std::int64_t{0}}},
       {Tensor::of<float>({2, 2}, {-0.63f, 1.35f, 13.5f, 6.7000003f})}},
  });
}

}  // namespace
}  // namespace atlas
