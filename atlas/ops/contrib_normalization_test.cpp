// Normalisations of ONNX Runtime's domain; the numbers are ONNX Runtime's.
#include <gtest/gtest.h>

#include "atlas/ops/op_harness_test.h"

namespace atlas {
namespace {

const Tensor kFloats2x3 = Tensor::of<float>({2, 3}, {0.25f, 0.75f, -0.75f, 0, 1.5f, 1.5f});
const Tensor kFloats2x3b =
    Tensor::of<float>({2, 3}, {0.6867587f, 0.29432517f, -2.3546014f, 0, 0.30517069f, 2.4413655f});
const Tensor kFloats2x2x3 = Tensor::of<float>(
    {2, 2, 3}, {-0.25f, 1, -2, -0.75f, -1.5f, -1.75f, -1.25f, -0.5f, -0.5f, 0.25f, -0.25f, 0.75f});
const Tensor kFloats1x2x3 = Tensor::of<float>({1, 2, 3}, {-1.75f, 1, -0.25f, 1, 2, 0.25f});
const Tensor kInts322x3 = Tensor::of<std::int32_t>({2, 3}, {1, 0, 2, 2, 2, 0});
const Tensor kInts322x3b = Tensor::of<std::int32_t>({2, 3}, {0, 0, 1, 1, 0, 1});
const Tensor kFloats3x2 = Tensor::of<float>({3, 2}, {1, -2, 0.5f, 1, -0, -1});
const Tensor kFloats4x2 = Tensor::of<float>({4, 2}, {-1.25f, -2, -0.25f, 1, -0.25f, -0, -2, -0});

TEST(ContribNormalization, Layers) {
  check_cases({
      {"simplified",
       "SimplifiedLayerNormalization",
       {kFloats2x3, Tensor::of<float>({3}, {1.75f, 0.25f, 2})},
       {{"axis", std::int64_t{-1}}, {"epsilon", 0.01f}},
       {kFloats2x3b}},
      {"with inverse",
       "SimplifiedLayerNormalization",
       {kFloats2x3, Tensor::of<float>({3}, {1.75f, 0.25f, 2})},
       {{"axis", std::int64_t{-1}}, {"epsilon", 0.01f}},
       {kFloats2x3b, Tensor::of<float>({2, 1}, {1.5697342f, 0.8137885f})}},
      {"all",
       "com.microsoft::SkipLayerNormalization",
       {kFloats2x2x3,
        Tensor::of<float>({2, 2, 3}, {-1.75f, 1, -0.25f, 1, 2, 0.25f, 0, -1.75f, -1, -0, 0.75f, 1.25f}),
        Tensor::of<float>({3}, {1.75f, 0.25f, 2}), Tensor::of<float>({3}, {1.5f, 1.75f, 1.5f}),
        Tensor::of<float>({3}, {-2, 0, -0})},
       {{"epsilon", 0.01f}},
       {Tensor::of<float>({2, 2, 3},
                          {-0.29301882f, 2.088773f, 0.8389793f, 0.058779597f, 2.1000106f, 0.3470236f,
                           -0.71630716f, 1.7787832f, 3.8026564f, -0.7663336f, 1.7904702f, 3.7663336f}),
        {},
        {},
        Tensor::of<float>({2, 2, 3},
                          {-4, 2, -2.25f, -1.75f, 0.5f, -1.5f, -3.25f, -2.25f, -1.5f, -1.75f, 0.5f, 2})}},
      {"broadcast skip",
       "com.microsoft::SkipLayerNormalization",
       {kFloats2x2x3, Tensor::of<float>({2, 3}, {-1.75f, 1, -0.25f, 1, 2, 0.25f}),
        Tensor::of<float>({3}, {1.75f, 0.25f, 2})},
       {{"epsilon", 0.01f}},
       {Tensor::of<float>(
           {2, 2, 3}, {-1.1219177f, 0.35260275f, -1.5386301f, 0.9772623f, 0.20941335f, -2.792178f, -2.310625f,
                       0.2726825f, 0.45925474f, -0.44536346f, 0.31811658f, -2.0359464f})}},
      {"root mean square",
       "com.microsoft::SkipSimplifiedLayerNormalization",
       {kFloats2x2x3, kFloats1x2x3, Tensor::of<float>({3}, {1.75f, 0.25f, 2}),
        Tensor::of<float>({3}, {-2, 0, -0})},
       {{"epsilon", 0.01f}},
       {Tensor::of<float>({2, 2, 3},
                          {-2.4203975f, 0.17288554f, -1.5559698f, -2.243023f, 0.09155196f, -2.197247f,
                           -2.9812708f, 0.04258958f, -0.51107496f, -1.0536591f, 0.35121968f, 1.6055757f}),
        {},
        {},
        Tensor::of<float>({2, 2, 3},
                          {-4, 2, -2.25f, -1.75f, 0.5f, -1.5f, -5, 0.5f, -0.75f, -0.75f, 1.75f, 1})}},
      {"root mean square",
       "com.microsoft::SkipSimplifiedLayerNormalization",
       {Tensor::of<float>({1, 2, 3}, {-0.25f, 1, -2, -0.75f, -1.5f, -1.75f}), kFloats1x2x3,
        Tensor::of<float>({3}, {1.75f, 0.25f, 2})},
       {{"epsilon", 0.01f}},
       {Tensor::of<float>({1, 2, 3},
                          {-1.6753956f, 0.23934223f, -2.15408f, 0.47062966f, 0.13446562f, -3.2271748f}),
        Tensor::of<float>({1, 2, 1}, {0, 0}), Tensor::of<float>({1, 2, 1}, {0.47868446f, 1.075725f})}},
  });
}

TEST(ContribNormalization, Embeddings) {
  check_cases({
      {"segments and mask",
       "com.microsoft::EmbedLayerNormalization",
       {kInts322x3, kInts322x3b, kFloats3x2, kFloats4x2, Tensor::of<float>({2, 2}, {-1.5f, 1, -1, 0.25f}),
        Tensor::of<float>({2}, {1, -1}), Tensor::of<float>({2}, {0, 1}),
        Tensor::of<std::int32_t>({2, 3}, {1, 1, 0, 1, 0, 0})},
       {{"epsilon", 0.01f}, {"mask_index_type", std::int64_t{1}}},
       {Tensor::of<float>({2, 3, 2},
                          {-0.99607265f, 0.00392735f, -0.9662349f, 0.033765078f, -0.92847675f, 0.07152325f,
                           0.92847675f, 1.9284768f, -0.9973658f, 0.0026342273f, 0.9912279f, 1.9912279f}),
        Tensor::of<std::int32_t>({2}, {2, 1}),
        Tensor::of<float>(
            {2, 3, 2}, {-2.25f, 0, -0.75f, 0, -1.25f, -0.75f, -2.25f, -2.75f, -1.75f, 1, -0.25f, -1.75f})}},
      {"positions",
       "com.microsoft::EmbedLayerNormalization",
       {kInts322x3,
        {},
        kFloats3x2,
        kFloats4x2,
        {},
        Tensor::of<float>({2}, {1, -1}),
        Tensor::of<float>({2}, {0, 1}),
        {},
        kInts322x3b},
       {{"epsilon", 0.01f}},
       {Tensor::of<float>({2, 3, 2},
                          {0.78086877f, 1.7808688f, 0.9985808f, 1.9985808f, -0.78086877f, 0.21913123f,
                           -0.78086877f, 0.21913123f, 0.99353266f, 1.9935327f, 0.99353266f, 1.9935327f}),
        Tensor::of<std::int32_t>({2}, {0, 0})}},
  });
}

TEST(ContribNormalization, SoftmaxOfSum) {
  const Tensor data = Tensor::of<float>({2, 1, 2}, {0, 1, 2, 3});
  const Tensor bias = Tensor::of<float>({1, 1, 2}, {0, -1});
  check_cases({
      {"last axis",
       "com.microsoft::BiasSoftmax",
       {data, bias},
       {{"axis", std::int64_t{2}}, {"is_inner_broadcast", std::int64_t{0}}},
       {Tensor::of<float>({2, 1, 2}, {0.5f, 0.5f, 0.5f, 0.5f})}},
      {"all axes",
       "com.microsoft::BiasSoftmax",
       {data, bias},
       {{"axis", std::int64_t{0}}, {"is_inner_broadcast", std::int64_t{0}}},
       {Tensor::of<float>({2, 1, 2}, {0.0596015f, 0.0596015f, 0.4403985f, 0.4403985f})}},
  });
}

}  // namespace
}  // namespace atlas
