// Softmax and its logarithm.
#include <gtest/gtest.h>

#include "atlas/ops/op_harness_test.h"

namespace atlas {
namespace {

TEST(Softmax, GivesKnownValues) {
  const Tensor x = Tensor::of<float>({1, 3}, {-1, 0, 1});
  const Tensor p = Tensor::of<float>({1, 3}, {0.09003057f, 0.24472847f, 0.66524096f});
  check_cases({
      {"default axis", "Softmax", {x}, {}, {p}},
      {"default axis",
       "LogSoftmax",
       {x},
       {},
       {Tensor::of<float>({1, 3}, {-2.407606f, -1.407606f, -0.407606f})}},
      {"axis", "Softmax", {x}, {{"axis", std::int64_t{0}}}, {Tensor::of<float>({1, 3}, {1, 1, 1})}},
      {"large numbers",
       "Softmax",
       {Tensor::of<float>({2}, {10000, 10000})},
       {},
       {Tensor::of<float>({2}, {0.5f, 0.5f})}},
      {"empty", "Softmax", {Tensor(DType::F32, {0, 3})}, {}, {Tensor(DType::F32, {0, 3})}},
  });
  check_error({"axis", "Softmax", {x}, {{"axis", std::int64_t{2}}}, {p}}, "expected an axis");
}

}  // namespace
}  // namespace atlas
