#include "atlas/plan/memory_need.h"

#include <gtest/gtest.h>

#include "atlas/plan/workload_testing.h"

namespace atlas {
namespace {

constexpr double kGiB = 1024.0 * 1024 * 1024;

// Korthikanti et al. give 34 bytes per number of sequence x batch x hidden, and 5 per score: of 10 + 24/8 + 5
// x 64 x 2048 / (6144 x 8) = 26.33 of 4 x 2048 x 6144 numbers, 48 times.
TEST(MemoryNeed, KeepsEveryActivationOfALayer) {
  Workload workload = trained("megatron-22b", "megatron", 4, 2048);
  workload.layout.tensor = 8;
  const double layer = 10 + 24.0 / 8 + 5 * 64 * 2048.0 / (6144 * 8);
  EXPECT_NEAR(memory_need(workload).activations, 4.0 * 2048 * 6144 * layer * 48, 1);
  EXPECT_NEAR(memory_need(workload).activations / kGiB, 59.25, 0.01);
}

// Without the scores, and everything spread over the chips: 34 / 8. With everything recomputed: 2.
TEST(MemoryNeed, RecomputingAndSpreadingLeaveLess) {
  Workload workload = trained("megatron-22b", "megatron", 4, 2048);
  workload.layout.tensor = 8;
  workload.layout.sequence_parallel = true;
  workload.lowering.recompute = Recompute::Selective;
  EXPECT_NEAR(memory_need(workload).activations, 4.0 * 2048 * 6144 * 34 / 8 * 48, 1);
  workload.layout.sequence_parallel = false;
  workload.lowering.recompute = Recompute::Full;
  EXPECT_NEAR(memory_need(workload).activations, 4.0 * 2048 * 6144 * 2 * 48, 1);
}

// Eight stages in three pieces: the first holds 1 + 7/24 of all layers' activations of one pass.
TEST(MemoryNeed, InterleavedStagesHoldMore) {
  Workload workload = trained("megatron-175b", "megatron", 1, 2048);
  workload.layout = {8, 8, 1, 64, 3, false};
  const double layer = 10 + 24.0 / 8 + 5 * 96 * 2048.0 / (12288 * 8);
  EXPECT_NEAR(memory_need(workload).activations, 2048.0 * 12288 * layer * 96 * (1 + 7.0 / 24), 1);
}

// 2 bytes of weights, 4 of gradients, 4 + 8 of the optimiser's; the first of two stages has half the
// embedding more.
TEST(MemoryNeed, TrainingKeepsEighteenBytesPerNumber) {
  Workload workload = trained("gpt2", "megatron", 1, 1024);
  const double all = workload.transformer->parameters();
  MemoryNeed need = memory_need(workload);
  EXPECT_DOUBLE_EQ(need.weights + need.gradients + need.optimizer, 18 * all);
  EXPECT_EQ(need.ends, 0);
  workload.layout.pipeline = 2;
  need = memory_need(workload);
  EXPECT_DOUBLE_EQ(need.weights, all);
  EXPECT_DOUBLE_EQ(need.ends, 18 * workload.transformer->end_parameters() / 2);
}

// ZeRO, Rajbhandari et al., 2020, figure 1: of a number 2 + 2 + 12 bytes, on 64 chips 4 + 12/64, 2 + 14/64
// and 16/64 of them. For its 7.5e9 numbers 31.4, 16.6 and 1.88 GB.
TEST(MemoryNeed, ReplicasShareOutWhatTheStageOfZeroSays) {
  Workload workload = trained("gpt2", "deepspeed", 1, 1024);
  workload.layout.data = 64;
  const double all = workload.transformer->parameters();
  const auto bytes = [&](double stage) {
    workload.layout.zero = stage;
    const MemoryNeed need = memory_need(workload);
    return (need.weights + need.gradients + need.optimizer) / all;
  };
  EXPECT_DOUBLE_EQ(bytes(0), 18);  // gradients in f32
  EXPECT_NEAR(bytes(1) * 7.5, 31.4, 0.05);
  EXPECT_NEAR(bytes(2) * 7.5, 16.6, 0.05);
  EXPECT_NEAR(bytes(3) * 7.5, 1.88, 0.01);
  EXPECT_DOUBLE_EQ(memory_need(workload).gathered, 2 * 2 * workload.transformer->layer_parameters());
}

// Llama 3 8B, 8 heads of keys with 128 numbers in 32 layers: 2 x 8 x 128 x 32 x 2 bytes = 128 KiB per token.
TEST(MemoryNeed, TheCacheGrowsWithTokens) {
  Workload workload = inferred("llama-3-8b", "fused", 4, 1);
  workload.past = 1023;
  const MemoryNeed need = memory_need(workload);
  EXPECT_DOUBLE_EQ(need.cache, 4 * 1024 * 128 * 1024.0);
  EXPECT_DOUBLE_EQ(need.weights, 2 * workload.transformer->parameters());
  EXPECT_EQ(need.optimizer, 0);
}

// Where the second stage of ResNet-50 begins: 256 channels of 56 x 56 in, 128 out.
TEST(MemoryNeed, AConvolutionNetworkNeedsItsWidestLayer) {
  Workload workload = inferred("resnet50", "fused", 2, 1);
  EXPECT_DOUBLE_EQ(memory_need(workload).activations, 2 * 2 * (256.0 + 128) * 56 * 56);
}

}  // namespace
}  // namespace atlas
