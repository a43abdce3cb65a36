#include "atlas/plan/workload.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "atlas/base/error.h"
#include "atlas/plan/plan_testing.h"
#include "atlas/plan/workload_testing.h"
#include "atlas/plan/workload_timeline.h"

namespace atlas {
namespace {

using testing::HasSubstr;

Chip eight() {
  Chip chip = round_chip();
  chip.chips = 8;
  chip.link_bytes_per_s = 100e9;
  chip.topology = "all-to-all";
  chip.network_bytes_per_s = 10e9;
  return chip;
}

double counted(const RunSteps& steps, std::string_view name, std::string_view op) {
  double total = 0;
  for (const Step& step : steps.steps)
    if (step.name == name && step.op == op) total += step.count;
  return total;
}

const Step& step_of(const RunSteps& steps, std::string_view name) {
  return *std::ranges::find(steps.steps, name, &Step::name);
}

// 12 layers in 4 stages, 6 passes: each stage runs 3 layers 6 times, and the first pass waits for 3 more
// stages: 3 x (6 + 3) = 27. In two pieces per stage half as long: 3 x (6 + 1.5). The output runs once per
// pass.
TEST(Workload, APipelineFillsAndDrains) {
  Workload workload = trained("gpt2", "megatron", 1, 64);
  workload.layout.pipeline = 4;
  workload.layout.micro_batches = 6;
  EXPECT_DOUBLE_EQ(counted(steps_of(workload, eight()), "ffn.input", "product"), 27);
  EXPECT_DOUBLE_EQ(counted(steps_of(workload, eight()), "output", "product"), 6);
  workload.layout.interleave = 2;
  EXPECT_DOUBLE_EQ(counted(steps_of(workload, eight()), "ffn.input", "product"), 22.5);
}

// Forward and backward meet twice per layer; when all is recomputed, forward comes twice. 64 x 768 numbers of
// 2 bytes.
TEST(Workload, ChipsOfATensorExchangeActivations) {
  Workload workload = trained("gpt2", "megatron", 1, 64);
  workload.layout.tensor = 4;
  RunSteps steps = steps_of(workload, eight());
  EXPECT_DOUBLE_EQ(step_of(steps, "tensor").count, 4 * 12);
  EXPECT_EQ(std::get<Collective>(step_of(steps, "tensor").what.sizes).bytes, 64 * 768 * 2);
  EXPECT_EQ(std::get<Collective>(step_of(steps, "tensor").what.sizes).ranks, 4);
  workload.lowering.recompute = Recompute::Full;
  EXPECT_DOUBLE_EQ(step_of(steps_of(workload, eight()), "tensor").count, 6 * 12);
  EXPECT_DOUBLE_EQ(counted(steps_of(workload, eight()), "output", "product"), 1);  // it is not recomputed
  workload = inferred("gpt2", "fused", 1, 64);
  workload.layout.tensor = 4;
  EXPECT_DOUBLE_EQ(step_of(steps_of(workload, eight()), "tensor").count, 2 * 12);
}

// Of 16 chips, two per tensor: each of the 8 replicas' ranks shares a node of 8 with 3 others of its group.
TEST(Workload, ReplicasExchangeGradients) {
  Workload workload = trained("gpt2", "megatron", 1, 64);
  workload.layout.tensor = 2;
  workload.layout.data = 8;
  const RunSteps steps = steps_of(workload, eight());
  ASSERT_EQ(steps.exchange.size(), 1u);
  const auto& sizes = std::get<Collective>(steps.exchange[0].what.sizes);
  EXPECT_EQ(sizes.ranks, 8);
  EXPECT_EQ(sizes.per_node, 4);
  EXPECT_DOUBLE_EQ(sizes.bytes, 2 * workload.transformer->parameters() / 2);
  EXPECT_GT(std::get<atlas::Run>(run_of(workload, eight(), {}).sizes).network_s, 0);
  workload.layout.data = 4;
  EXPECT_EQ(std::get<atlas::Run>(run_of(workload, eight(), {}).sizes).network_s, 0);
  EXPECT_GT(std::get<atlas::Run>(run_of(workload, eight(), {}).sizes).exchange_s, 0);
}

// ZeRO, section 7: an all-reduce moves twice the weights' bytes, as do one reduce-scatter and one all-gather;
// with weights shared out there are two all-gathers, 1.5 times as much. Replicas that keep a part of the
// gradients, or of the weights, meet in every pass.
TEST(Workload, ZeroMovesWhatItDoesNotKeep) {
  Workload workload = trained("gpt2", "deepspeed", 1, 64);
  workload.layout.data = 4;
  const double bytes = 2 * workload.transformer->parameters();
  const auto moved = [&](double stage, double passes) {
    workload.layout.zero = stage;
    workload.layout.micro_batches = passes;
    double total = 0;
    for (const Step& step : steps_of(workload, eight()).exchange)
      total += step.count * predict(eight(), {}, step.what).bytes;
    return total / (bytes * 3 / 4);  // each of 4 sends three quarters
  };
  EXPECT_DOUBLE_EQ(moved(0, 1), 2);
  EXPECT_DOUBLE_EQ(moved(1, 1), 2);
  EXPECT_DOUBLE_EQ(moved(2, 1), 2);
  EXPECT_DOUBLE_EQ(moved(3, 1), 3);
  EXPECT_DOUBLE_EQ(moved(1, 8), 2);
  EXPECT_DOUBLE_EQ(moved(2, 8), 8 + 1);
  EXPECT_DOUBLE_EQ(moved(3, 8), 3 * 8);
}

// Each of 4 replicas updates its quarter.
TEST(Workload, ZeroSharesOutTheUpdate) {
  Workload workload = trained("gpt2", "deepspeed", 1, 64);
  workload.layout.data = 4;
  const auto updated = [&] {
    return std::get<Elementwise>(step_of(steps_of(workload, eight()), "optimizer").what.sizes).elements;
  };
  EXPECT_DOUBLE_EQ(updated(), workload.transformer->parameters());
  workload.layout.zero = 1;
  EXPECT_DOUBLE_EQ(updated(), workload.transformer->parameters() / 4);
}

// The update moves 46 bytes of each of 124.4e6 numbers.
TEST(Workload, TheOptimizerComesOnce) {
  Workload workload = trained("gpt2", "megatron", 1, 64);
  workload.layout.micro_batches = 6;
  const RunSteps steps = steps_of(workload, eight());
  const auto& update = std::get<Elementwise>(step_of(steps, "optimizer").what.sizes);
  EXPECT_DOUBLE_EQ(update.elements * update.element_bytes * (update.operands + 1),
                   46 * workload.transformer->parameters());
  EXPECT_EQ(step_of(steps, "optimizer").count, 1);
}

// Work of ResNet-50: 2 x 4.09e9 operations per picture forward, three times that in training but for the
// input's gradient of the first convolution.
TEST(Workload, CountsOperations) {
  const Chip chip = round_chip();
  const double forward =
      std::get<atlas::Run>(run_of(inferred("resnet50", "pytorch", 2, 1), chip, {}).sizes).operations;
  EXPECT_NEAR(forward / (2 * 8.18e9), 1, 0.01);
  const double both =
      std::get<atlas::Run>(run_of(trained("resnet50", "pytorch", 2, 1), chip, {}).sizes).operations;
  EXPECT_NEAR(both / (3 * 2 * 8.18e9), 1, 0.05);
}

TEST(Workload, KeysNameRuntimeFormatAndMode) {
  EXPECT_EQ(run_of(inferred("resnet50", "tensorrt", 1, 1), round_chip(), {}).key, "run/tensorrt-f16-infer");
  EXPECT_EQ(run_of(trained("resnet50", "xla", 1, 1), round_chip(), {}).key, "run/xla-f16-train");
}

TEST(Workload, TheTimelineAddsUpToTheRun) {
  Workload workload = trained("gpt2", "megatron", 2, 64);
  workload.layout = {2, 2, 2, 3, 1, false};
  const Operator run = run_of(workload, eight(), {});
  const Timeline timeline = workload_timeline(workload, eight(), {}, "data sheet");
  EXPECT_NEAR(timeline.duration_s(), predict(eight(), {}, run).seconds, 1e-12);
  EXPECT_NEAR(timeline.operations() / std::get<atlas::Run>(run.sizes).operations, 1, 1e-12);
  EXPECT_EQ(timeline.events.back().node, "gradients");
}

TEST(Workload, SaysWhatCannotBe) {
  const auto error_of = [](const Workload& workload) -> std::string {
    try {
      check(workload);
      steps_of(workload, round_chip());
    } catch (const Error& error) {
      return error.what();
    }
    return "";
  };
  Workload workload = trained("gpt2", "megatron", 1, 64);
  workload.layout.tensor = 5;
  EXPECT_THAT(error_of(workload), HasSubstr("expected tensor parallelism that divides 12 heads, got 5"));
  workload.layout = {1, 8, 1, 1, 2, false};
  EXPECT_THAT(error_of(workload), HasSubstr("expected at most 12 pieces of the stack, got 16"));
  EXPECT_THAT(error_of(inferred("gpt2", "fused", 1, 0)), HasSubstr("expected the length of sequences"));
  workload = inferred("resnet50", "fused", 1, 1);
  workload.layout.tensor = 2;
  EXPECT_THAT(error_of(workload), HasSubstr("expected a transformer for tensor or pipeline parallelism"));
}

}  // namespace
}  // namespace atlas
