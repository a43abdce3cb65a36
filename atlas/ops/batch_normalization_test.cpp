// BatchNormalization.
#include <gtest/gtest.h>

#include <cmath>

#include "atlas/ops/op_harness_test.h"

namespace atlas {
namespace {

const Tensor kBatch = Tensor::of<float>({2, 2, 1}, {1, 10, 3, 30});
const Tensor kScale = Tensor::of<float>({2}, {1, 2});
const Tensor kBias = Tensor::of<float>({2}, {0, 5});
const Tensor kMean = Tensor::of<float>({2}, {2, 20});
const Tensor kVariance = Tensor::of<float>({2}, {4, 25});

TEST(BatchNormalization, UsesGivenStatistics) {
  check_cases({
      {"by channel",
       "BatchNormalization",
       {kBatch, kScale, kBias, kMean, kVariance},
       {{"epsilon", 0.0f}},
       {Tensor::of<float>({2, 2, 1}, {-.5f, 1, .5f, 9})}},
      {"rank 1 has one channel",
       "BatchNormalization",
       {Tensor::of<float>({2}, {1, 3}), Tensor::of<float>({1}, {2}), Tensor::of<float>({1}, {1}),
        Tensor::of<float>({1}, {1}), Tensor::of<float>({1}, {4})},
       {{"epsilon", 0.0f}},
       {Tensor::of<float>({2}, {1, 3})}},
  });
}

TEST(BatchNormalization, TakesStatisticsFromTheBatchInTraining) {
  check_cases({
      {"training",
       "BatchNormalization",
       {kBatch, kScale, kBias, kMean, kVariance},
       {{"epsilon", 0.0f}, {"momentum", .5f}, {"training_mode", std::int64_t{1}}},
       {Tensor::of<float>({2, 2, 1}, {-1, 3, 1, 7}), Tensor::of<float>({2}, {2, 20}),
        Tensor::of<float>({2}, {2.5f, 62.5f})}},
  });
}

TEST(BatchNormalization, RefusesWhatDoesNotFit) {
  check_error({"channels",
               "BatchNormalization",
               {kBatch, Tensor::of<float>({1}, {1}), kBias, kMean, kVariance},
               {},
               {kBatch}},
              "expected 2 numbers as input 1, got 1");
  check_error({"mode",
               "BatchNormalization",
               {kBatch, kScale, kBias, kMean, kVariance},
               {},
               {kBatch, kMean, kVariance}},
              "expected training_mode where running statistics are wanted");
}

}  // namespace
}  // namespace atlas
