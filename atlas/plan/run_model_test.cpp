#include "atlas/plan/run_model.h"

#include <gtest/gtest.h>

#include "atlas/plan/plan_testing.h"

namespace atlas {
namespace {

// Factors 2 for products, 3 for what streams, 1 for all else; gaps of 2 us; half of an exchange in a node
// shows, twice that among nodes.
const std::vector<double> kConstants = {2, 1, 1, 1, 3, 1, 2, 0.5, 2};

Run run_of(double products_s, double streams_s) {
  atlas::Run run;
  run.seconds[static_cast<std::size_t>(RunPart::Products)] = products_s;
  run.seconds[static_cast<std::size_t>(RunPart::Streams)] = streams_s;
  return run;
}

// 2 x 1 ms + 3 x 0.5 ms + 100 x 2 us = 3.7 ms; half of 2 ms and twice 1 ms of gradients.
TEST(RunModel, AddsUpWhatTheChipDoes) {
  atlas::Run run = run_of(1e-3, 0.5e-3);
  run.kernels = 100;
  run.exchange_s = 2e-3;
  run.network_s = 1e-3;
  const Pace pace = pace_of(kConstants, run);
  EXPECT_NEAR(pace.chip_s, 3.7e-3, 1e-12);
  EXPECT_NEAR(pace.last_s, 3e-3, 1e-12);
  const Estimate estimate = predict_run(round_chip(), kConstants, run);
  EXPECT_NEAR(estimate.seconds, 6.7e-3, 1e-12);
  EXPECT_EQ(estimate.limit, Limit::Link);
}

// 300 kernels of 10 us are 3 ms beside 4 ms of the chip: 5 ms. 0.1 ms per step are hidden by nothing.
TEST(RunModel, HostAndChipShareTheTime) {
  const Pace pace{4e-3, 300, 0, 0};
  EXPECT_NEAR(predict_pace(std::vector<double>{10, 100, 1}, pace).seconds, 5.1e-3, 1e-12);
}

// 8 samples of 500 us take longer than 300 kernels of 10 us.
TEST(RunModel, SamplesMayTakeLongerThanKernels) {
  const Estimate estimate = predict_pace(std::vector<double>{10, 0, 500}, {3e-3, 300, 8, 0});
  EXPECT_NEAR(estimate.seconds, 5e-3, 1e-12);
  EXPECT_EQ(estimate.limit, Limit::Launch);
}

TEST(RunModel, NamesWhatDecides) {
  atlas::Run run = run_of(1e-3, 0.1e-3);
  EXPECT_EQ(predict_run(round_chip(), kConstants, run).limit, Limit::Compute);
  EXPECT_EQ(predict_run(round_chip(), kConstants, run_of(0.1e-3, 1e-3)).limit, Limit::Memory);
  run.kernels = 1000;
  run.host = {50, 0, 0};
  EXPECT_EQ(predict_run(round_chip(), kConstants, run).limit, Limit::Launch);
}

TEST(RunModel, FactorsStandInTheOrderOfParts) {
  EXPECT_EQ(kRunFamily.parameters[static_cast<std::size_t>(RunPart::Products)].name, "products");
  EXPECT_EQ(kRunFamily.parameters[static_cast<std::size_t>(RunPart::Depthwise)].name, "depthwise");
  EXPECT_EQ(kRunFamily.parameters[static_cast<std::size_t>(RunPart::Links)].name, "links");
  EXPECT_EQ(kRunFamily.parameters.size(), kConstants.size());
  EXPECT_EQ(kHostFamily.parameters.size(), atlas::Run().host.size());
}

}  // namespace
}  // namespace atlas
