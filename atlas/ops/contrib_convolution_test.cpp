// FusedConv; numbers are ONNX Runtime's where it knows the activation.
#include <gtest/gtest.h>

#include "atlas/ops/op_harness_test.h"

namespace atlas {
namespace {

using Ints = std::vector<std::int64_t>;

const std::vector<Datum> kInputs = {
    Tensor::of<float>({1, 1, 3, 3}, {-6, -5, -4, -3, -2, -1, 0, 1, 2}),
    Tensor::of<float>({1, 1, 2, 2}, {1, 1, 1, 1}), Tensor::of<float>({1}, {0.5f}),
    Tensor::of<float>({1, 1, 2, 2}, {13, 12, 3, 1})};  // sums: -2.5, 0.5, -0.5, 1.5

OpCase fused_conv(const std::string& activation, std::vector<float> parameters, std::vector<float> expected) {
  Attributes attributes = {{"activation", activation}};
  if (!parameters.empty()) attributes.set("activation_params", parameters);
  return {activation,
          "com.microsoft::FusedConv",
          kInputs,
          attributes,
          {Tensor::of<float>({1, 1, 2, 2}, expected)}};
}

TEST(FusedConv, AddsTheResidualAndActivates) {
  check_cases({
      {"no activation",
       "com.microsoft::FusedConv",
       kInputs,
       {},
       {Tensor::of<float>({1, 1, 2, 2}, {-2.5f, 0.5f, -0.5f, 1.5f})}},
      fused_conv("Relu", {}, {0, 0.5f, 0, 1.5f}),
      fused_conv("Clip", {-1, 1}, {-1, 0.5f, -0.5f, 1}),
      fused_conv("LeakyRelu", {0.5f}, {-1.25f, 0.5f, -0.25f, 1.5f}),
      fused_conv("Sigmoid", {}, {0.075858176f, 0.6224593f, 0.3775407f, 0.81757444f}),
      fused_conv("Tanh", {}, {-0.98661435f, 0.46211717f, -0.46211717f, 0.9051482f}),
      fused_conv("HardSigmoid", {0.2f, 0.5f}, {0, 0.6f, 0.4f, 0.8f}),
      fused_conv("HardSwish", {}, {-0.20833328f, 0.29166666f, -0.20833333f, 1.125f}),
      fused_conv("Gelu", {}, {-0.01552416f, 0.34573123f, -0.15426877f, 1.39978920f}),
      fused_conv("Swish", {}, {-0.18964545f, 0.31122967f, -0.18877033f, 1.22636171f}),
      {"window, no bias",
       "com.microsoft::FusedConv",
       {kInputs[0], kInputs[1]},
       {{"activation", std::string("LeakyRelu")},
        {"activation_params", std::vector<float>{0.5f}},
        {"strides", Ints{2, 2}},
        {"pads", Ints{1, 1, 0, 0}}},
       {Tensor::of<float>({1, 1, 2, 2}, {-3, -4.5f, -1.5f, 0})}},
  });
}

TEST(FusedConv, RefusesOtherActivations) {
  check_error(fused_conv("Softmax", {}, {0, 0, 0, 0}), "no activation is called 'Softmax'");
  check_error(fused_conv("Clip", {1}, {0, 0, 0, 0}), "expected 2 parameters of activation 'Clip', got 1");
}

}  // namespace
}  // namespace atlas
