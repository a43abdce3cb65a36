// Attention kernels against their references: layouts, grouped heads, masks, caches.
#include <gtest/gtest.h>

#include "atlas/run/kernel_harness_test.h"

namespace atlas {
namespace {

TEST(AttentionKernels, Attention) {
  RandomTensors random;
  const auto f = [&](Shape shape) { return random.floats(std::move(shape)); };
  const Attributes heads = {{"q_num_heads", std::int64_t{4}}, {"kv_num_heads", std::int64_t{2}}};
  Attributes causal_heads = heads;
  causal_heads.set("is_causal", std::int64_t{1});
  causal_heads.set("softcap", 0.7f);
  const Attributes causal = {{"is_causal", std::int64_t{1}}, {"scale", 0.3f}};
  check_kernels({
      {"Attention", {f({2, 3, 4, 8}), f({2, 3, 5, 8}), f({2, 3, 5, 6})}},
      {"Attention", {f({2, 6, 4, 8}), f({2, 2, 5, 8}), f({2, 2, 5, 6})}, causal},
      {"Attention", {f({2, 4, 32}), f({2, 5, 16}), f({2, 5, 12})}, heads},
      {"Attention", {f({2, 4, 32}), f({2, 5, 16}), f({2, 5, 12})}, causal_heads},
      {"Attention", {f({1, 1, 40, 8}), f({1, 1, 50, 8}), f({1, 1, 50, 8})}},
      {"Attention", {f({2, 3, 4, 8}), f({2, 3, 5, 8}), f({2, 3, 5, 6}), f({4, 5})}},
      {"Attention", {f({2, 3, 4, 8}), f({2, 3, 5, 8}), f({2, 3, 5, 6}), f({2, 1, 4, 5})}},
      {"Attention", {f({2, 3, 4, 8}), f({2, 3, 5, 8}), f({2, 3, 5, 6}), f({1, 3, 1, 3})}},
      {"Attention",
       {f({2, 3, 4, 8}), f({2, 3, 5, 8}), f({2, 3, 5, 6}),
        Tensor::of<bool>({1, 5}, {true, false, true, true, false})}},
      {"Attention",
       {f({2, 3, 4, 8}), f({2, 3, 5, 8}), f({2, 3, 5, 6}), Datum(), f({2, 3, 7, 8}), f({2, 3, 7, 6})},
       causal,
       3},
      {"Attention", {f({2, 4, 32}), f({2, 5, 16}), f({2, 5, 12})}, heads, 3},
      {"Attention",
       {f({2, 3, 4, 8}), f({2, 3, 5, 8}), f({2, 3, 5, 6}), Datum(), Datum(), Datum(), int64s({3, 5})}},
      // Scores of a head that do not fit the cache at once.
      {"Attention", {f({1, 2, 70, 4}), f({1, 2, 2100, 4}), f({1, 2, 2100, 4}), f({70, 2100})}, causal},
      {"Attention", {f({0, 3, 4, 8}), f({0, 3, 5, 8}), f({0, 3, 5, 6})}},
  });
  check_kernel_error({"Attention", {f({2, 3, 4, 8}), f({2, 2, 5, 8}), f({2, 2, 5, 6})}}, "Attention");
}

}  // namespace
}  // namespace atlas
