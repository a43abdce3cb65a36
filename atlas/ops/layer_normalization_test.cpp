// LayerNormalization, RMSNormalization, GroupNormalization and InstanceNormalization.
#include <gtest/gtest.h>

#include <cmath>

#include "atlas/ops/op_harness_test.h"

namespace atlas {
namespace {

const Tensor kRows = Tensor::of<float>({2, 2}, {1, 3, 10, 30});
const Attributes kExact = {{"epsilon", 0.0f}};

TEST(LayerNormalization, GivesKnownValues) {
  check_cases({
      {"statistics as outputs",
       "LayerNormalization",
       {kRows, Tensor::of<float>({2}, {1, 2}), Tensor::of<float>({2}, {0, 1})},
       kExact,
       {Tensor::of<float>({2, 2}, {-1, 3, -1, 3}), Tensor::of<float>({2, 1}, {2, 20}),
        Tensor::of<float>({2, 1}, {1, .1f})}},
      {"over all axes",
       "LayerNormalization",
       {Tensor::of<float>({2, 1, 2}, {1, 1, 3, 3}), Tensor::of<float>({2, 1, 2}, {1, 2, 3, 4})},
       {{"epsilon", 0.0f}, {"axis", std::int64_t{0}}},
       {Tensor::of<float>({2, 1, 2}, {-1, -2, 3, 4})}},
      {"half precision",
       "LayerNormalization",
       {Tensor::of<F16>({1, 2}, {F16(1.0f), F16(3.0f)}), Tensor::of<F16>({2}, {F16(1.0f), F16(2.0f)})},
       kExact,
       {Tensor::of<F16>({1, 2}, {F16(-1.0f), F16(2.0f)})}},
      {"root of the mean square",
       "RMSNormalization",
       {Tensor::of<float>({1, 2}, {1, 7}), Tensor::of<float>({1}, {10})},
       kExact,
       {Tensor::of<float>({1, 2}, {2, 14})}},
      {"groups of channels",
       "GroupNormalization",
       {Tensor::of<float>({1, 4, 1}, {1, 3, 10, 30}), Tensor::of<float>({4}, {1, 1, 1, 2}),
        Tensor::of<float>({4}, {0, 0, 0, 1})},
       {{"epsilon", 0.0f}, {"num_groups", std::int64_t{2}}},
       {Tensor::of<float>({1, 4, 1}, {-1, 1, -1, 3})}},
      {"single channels",
       "InstanceNormalization",
       {Tensor::of<float>({1, 2, 2}, {1, 3, 10, 30}), Tensor::of<float>({2}, {1, 2}),
        Tensor::of<float>({2}, {0, 1})},
       kExact,
       {Tensor::of<float>({1, 2, 2}, {-1, 1, -1, 3})}},
  });
}

TEST(LayerNormalization, RefusesWhatDoesNotFit) {
  check_error({"scale", "LayerNormalization", {kRows, Tensor::of<float>({3}, {1, 1, 1})}, {}, {kRows}},
              "broadcast");
  check_error({"groups",
               "GroupNormalization",
               {kRows, Tensor::of<float>({2}, {1, 1}), Tensor::of<float>({2}, {1, 1})},
               {{"num_groups", std::int64_t{3}}},
               {kRows}},
              "expected channels in 3 equal groups, got [2,2]");
  check_error({"axis",
               "LayerNormalization",
               {kRows, Tensor::of<float>({2}, {1, 1})},
               {{"axis", std::int64_t{2}}},
               {kRows}},
              "axis");
}

}  // namespace
}  // namespace atlas
