#include "atlas/plan/collective_model.h"

#include <gtest/gtest.h>

#include "atlas/base/error.h"
#include "atlas/plan/plan_testing.h"

namespace atlas {
namespace {

Chip four(const char* topology) {
  Chip chip = round_chip();
  chip.chips = 4;
  chip.link_bytes_per_s = 100e9;
  chip.link_latency_s = 1e-6;
  chip.topology = topology;
  return chip;
}

// An all-reduce of 100 MB among four sends 2 x 3/4 x 100 MB over each chip's links: 1500 us. Pieces of 0.15
// us: 2 x sqrt(1500 x 0.15) = 30 us. Two phases of one step of 1 us, 5 us to start.
TEST(CollectiveModel, AllReduceSendsTwiceThreeQuarters) {
  const Estimate estimate = predict_collective(four("all-to-all"), std::vector<double>{5, 1, 0.15, 1},
                                               {CollectiveKind::AllReduce, 100e6});
  EXPECT_NEAR(estimate.seconds * 1e6, 5 + 2 + 1500 + 30, 1e-6);
  EXPECT_EQ(estimate.limit, Limit::Link);
}

// Around a ring, each phase has three steps; gathering has one phase.
TEST(CollectiveModel, ARingTakesMoreSteps) {
  const Estimate estimate =
      predict_collective(four("ring"), std::vector<double>{5, 1, 0.15, 1}, {CollectiveKind::AllGather, 100});
  EXPECT_NEAR(estimate.seconds * 1e6, 5 + 3, 0.05);
  EXPECT_EQ(estimate.limit, Limit::Launch);
}

// Sixteen ranks, four in each node, send 2 x 15/16 x 100 MB through four network links of 10 GB/s: 4687.5 us.
TEST(CollectiveModel, AmongNodesTheNetworkCounts) {
  Chip chip = four("all-to-all");
  chip.network_bytes_per_s = 10e9;
  const std::vector<double> plain = {0, 1, 0, 1};
  EXPECT_NEAR(predict_collective(chip, plain, {CollectiveKind::AllReduce, 100e6, 16, 4}).seconds * 1e6,
              4687.5, 1e-6);
  EXPECT_NEAR(predict_collective(chip, plain, {CollectiveKind::Send, 100e6, 2, 1}).seconds * 1e6, 10000,
              1e-6);
  chip.network_bytes_per_s = 0;
  EXPECT_THROW(predict_collective(chip, plain, {CollectiveKind::AllReduce, 100e6, 16, 4}), Error);
}

// Two of the four chips send half of twice the data.
TEST(CollectiveModel, SomeOfTheChipsMayTakePart) {
  const Estimate estimate = predict_collective(four("all-to-all"), std::vector<double>{0, 1, 0, 1},
                                               {CollectiveKind::AllReduce, 100e6, 2});
  EXPECT_NEAR(estimate.seconds * 1e6, 2 + 1000, 1e-6);
}

TEST(CollectiveModel, NeedsSeveralChips) {
  EXPECT_THROW(
      predict_collective(round_chip(), std::vector<double>{5, 1, 1, 1}, {CollectiveKind::AllReduce, 1}),
      Error);
}

}  // namespace
}  // namespace atlas
