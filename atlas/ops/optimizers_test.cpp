// One step of each optimiser, worked by hand.
#include <gtest/gtest.h>

#include "atlas/ops/op_harness_test.h"

namespace atlas {
namespace {

Tensor f32(std::initializer_list<float> values) {
  return Tensor::of<float>({static_cast<std::int64_t>(values.size())}, values);
}

const Tensor kRate = Tensor::scalar(0.5f);
const Tensor kFirst = Tensor::scalar<std::int64_t>(0);

Attributes momentum(const char* mode) {
  return {{"alpha", 0.5f}, {"beta", 0.1f}, {"mode", std::string(mode)}, {"norm_coefficient", 1.0f}};
}

TEST(Optimizers, Step) {
  const Tensor x = f32({1});
  const Tensor g = f32({3});
  const Tensor v = f32({2});
  check_cases({
      // g + x = 4, v = 0.5 * 2 + 4 (the first gradient in full) = 5
      {"standard",
       "ai.onnx.preview.training::Momentum",
       {kRate, kFirst, x, g, v},
       momentum("standard"),
       {f32({-1.5f}), f32({5})}},
      {"nesterov",
       "ai.onnx.preview.training::Momentum",
       {kRate, kFirst, x, g, v},
       momentum("nesterov"),
       {f32({-2.25f}), f32({5})}},
      // h = 7 + 3 * 3 = 16
      {"two parameters",
       "ai.onnx.preview.training::Adagrad",
       {kRate, kFirst, x, f32({2}), g, f32({0}), f32({7}), f32({1})},
       {{"epsilon", 0.0f}},
       {f32({0.625f}), f32({2}), f32({16}), f32({1})}},
      // v = 0.9 * 2 + 0.1 * 3 = 2.1, h = 0.75 * 9 + 0.25 * 9 = 9
      {"first step",
       "ai.onnx.preview.training::Adam",
       {kRate, kFirst, x, g, v, f32({9})},
       {{"beta", 0.75f}, {"epsilon", 0.0f}},
       {f32({0.65f}), f32({2.1f}), f32({9})}},
  });
  check_error(
      {"mode", "ai.onnx.preview.training::Momentum", {kRate, kFirst, x, g, v}, momentum("heavy"), {x, v}},
      "expected standard or nesterov");
  check_error(
      {"count", "ai.onnx.preview.training::Momentum", {kRate, kFirst, x, g}, momentum("standard"), {x, v}},
      "expected 3 tensors for each parameter");
}

}  // namespace
}  // namespace atlas
