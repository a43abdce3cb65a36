// Operators that run as several kernels, against their references: fused and normalising ones among them.
#include <gtest/gtest.h>

#include "atlas/run/kernel_harness_test.h"

namespace atlas {
namespace {

TEST(ExpandedKernels, Standard) {
  RandomTensors random;
  check_kernels({
      {"Swish", {random.floats({3, 5})}, {{"alpha", 0.5f}}},
      {"Shrink", {random.floats({3, 5})}, {{"bias", 0.2f}}},
      {"MeanVarianceNormalization", {random.floats({2, 3, 4, 5})}},
      {"LayerNormalization", {random.floats({3, 5, 7}), random.floats({1, 7})}, {{"axis", std::int64_t{1}}}},
  });
}

TEST(ExpandedKernels, Fused) {
  RandomTensors random;
  const auto f = [&](Shape shape) { return random.floats(std::move(shape)); };
  const std::int64_t one = 1;
  check_kernels({
      {"com.microsoft::Gelu", {f({3, 5})}},
      {"com.microsoft::FastGelu", {f({3, 5}), f({5})}},
      {"com.microsoft::BiasGelu", {f({3, 5}), f({5})}},
      {"com.microsoft::QuickGelu", {f({3, 5})}},
      {"com.microsoft::FusedMatMul",
       {f({2, 5, 3}), f({2, 4, 5})},
       {{"transA", one}, {"transB", one}, {"alpha", 0.5f}}},
      {"com.microsoft::FusedMatMul", {f({2, 3, 5}), f({4, 5})}, {{"transB", one}}},
      {"com.microsoft::SkipLayerNormalization", {f({2, 3, 8}), f({2, 3, 8}), f({8}), f({8}), f({8})}},
      {"com.microsoft::SkipSimplifiedLayerNormalization", {f({2, 3, 8}), f({2, 3, 8}), f({8})}},
      {"com.microsoft::FusedConv",
       {f({1, 3, 7, 7}), f({4, 3, 3, 3}), f({4})},
       {{"activation", std::string("Relu")}}},
      {"com.microsoft::MultiHeadAttention",
       {f({2, 4, 16}), f({2, 5, 16}), f({2, 5, 16})},
       {{"num_heads", std::int64_t{2}}}},
  });
}

}  // namespace
}  // namespace atlas
