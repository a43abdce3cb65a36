// Activation functions.
#include <gtest/gtest.h>

#include <limits>

#include "atlas/ops/op_harness_test.h"

namespace atlas {
namespace {

Tensor f32(std::initializer_list<float> values) {
  return Tensor::of<float>({static_cast<std::int64_t>(values.size())}, values);
}
Tensor i32(std::initializer_list<std::int32_t> values) {
  return Tensor::of<std::int32_t>({static_cast<std::int64_t>(values.size())}, values);
}

TEST(Activations, GiveKnownValues) {
  const Tensor x = f32({-1, 0, 1});
  check_cases({
      {"exact", "Gelu", {x}, {}, {f32({-0.15865526f, 0, 0.84134474f})}},
      {"tanh", "Gelu", {x}, {{"approximate", std::string("tanh")}}, {f32({-0.15880801f, 0, 0.841192f})}},
      {"default", "Elu", {x}, {}, {f32({-0.63212056f, 0, 1})}},
      {"alpha", "Celu", {x}, {{"alpha", 2.0f}}, {f32({-0.78693868f, 0, 1})}},
      {"default", "Selu", {x}, {}, {f32({-1.1113307f, 0, 1.050701f})}},
      {"default", "HardSigmoid", {f32({-3, 0, 1})}, {}, {f32({0, 0.5f, 0.7f})}},
      {"default", "HardSwish", {f32({-4, 1, 4})}, {}, {f32({0, 2 / 3.0f, 4})}},
      {"alpha", "LeakyRelu", {x}, {{"alpha", 0.1f}}, {f32({-0.1f, 0, 1})}},
      {"default", "Mish", {x}, {}, {f32({-0.30340146f, 0, 0.8650984f})}},
      {"default", "Sigmoid", {x}, {}, {f32({0.26894143f, 0.5f, 0.7310586f})}},
      {"default", "Softplus", {x}, {}, {f32({0.31326166f, 0.6931472f, 1.3132616f})}},
      {"default", "Softsign", {x}, {}, {f32({-0.5f, 0, 0.5f})}},
      {"alpha", "Swish", {x}, {{"alpha", 2.0f}}, {f32({-0.11920292f, 0, 0.8807971f})}},
      {"alpha", "ThresholdedRelu", {f32({-1, 2, 2.5f})}, {{"alpha", 2.0f}}, {f32({0, 0, 2.5f})}},
      {"bias", "Shrink", {f32({-2, 0.5f, 2})}, {{"bias", 1.5f}, {"lambd", 1.5f}}, {f32({-0.5f, 0, 0.5f})}},
      {"f16",
       "Elu",
       {Tensor::of<F16>({1}, {F16(-1.0)})},
       {},
       {Tensor::of<F16>({1}, {F16(-0.63212056)})},
       1e-3},
      {"empty", "Relu", {Tensor(DType::F32, {0})}, {}, {Tensor(DType::F32, {0})}},
  });
  check_error({"form", "Gelu", {x}, {{"approximate", std::string("erf")}}, {x}}, "expected none or tanh");
}

TEST(Activations, TakeIntegers) {
  check_cases({
      {"i32", "Relu", {i32({-5, 5})}, {}, {i32({0, 5})}},
      {"i32", "Shrink", {i32({-2, 0, 2})}, {{"bias", 1.0f}, {"lambd", 1.0f}}, {i32({-1, 0, 1})}},
      {"i32", "PRelu", {i32({-2, 3}), i32({3})}, {}, {i32({-6, 3})}},
  });
}

TEST(Activations, SlopesBroadcastOneWay) {
  const Tensor x = Tensor::of<float>({2, 2}, {-1, 2, -3, 4});
  check_cases({{"row", "PRelu", {x, f32({0.5f, 9})}, {}, {Tensor::of<float>({2, 2}, {-0.5f, 2, -1.5f, 4})}}});
  check_error({"larger slope", "PRelu", {f32({-1, 2}), x}, {}, {x}}, "expected a slope that broadcasts to");
}

TEST(Activations, Clips) {
  const float nan = std::numeric_limits<float>::quiet_NaN();
  const Tensor x = f32({-2, 0, 2, nan});
  check_cases({
      {"both", "Clip", {x, Tensor::scalar(-1.0f), Tensor::scalar(1.0f)}, {}, {f32({-1, 0, 1, nan})}},
      {"upper alone", "Clip", {x, Datum(), Tensor::scalar(1.0f)}, {}, {f32({-2, 0, 1, nan})}},
      {"none", "Clip", {x}, {}, {x}},
      {"crossed", "Clip", {f32({0}), Tensor::scalar(2.0f), Tensor::scalar(1.0f)}, {}, {f32({1})}},
      {"u64",
       "Clip",
       {Tensor::of<std::uint64_t>({1}, {~0ull}), Tensor::scalar<std::uint64_t>(3)},
       {},
       {Tensor::of<std::uint64_t>({1}, {~0ull})}},
  });
  check_error({"vector", "Clip", {x, f32({1, 2})}, {}, {x}}, "expected a scalar limit");
}

}  // namespace
}  // namespace atlas
