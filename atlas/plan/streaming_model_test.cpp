#include "atlas/plan/streaming_model.h"

#include <gtest/gtest.h>

#include "atlas/plan/plan_testing.h"

namespace atlas {
namespace {

// An addition of a million f32 reads 8 MB and writes 4: 12 MB at 80 % of 100 GB/s are 150 us.
TEST(Elementwise, MovesOperandsAndResult) {
  const Estimate estimate = predict_elementwise(round_chip(), std::vector<double>{3, 0.8}, {1e6, 2, 4, 1});
  EXPECT_NEAR(estimate.seconds * 1e6, 3 + 150, 1e-6);
  EXPECT_EQ(estimate.limit, Limit::Memory);
  EXPECT_DOUBLE_EQ(estimate.bytes, 12e6);
}

TEST(Elementwise, SmallOnesCostTheirLaunch) {
  const Estimate estimate = predict_elementwise(round_chip(), std::vector<double>{3, 0.8}, {100, 1, 4, 1});
  EXPECT_NEAR(estimate.seconds * 1e6, 3.01, 1e-3);
  EXPECT_EQ(estimate.limit, Limit::Launch);
}

// 1000 rows of 1000 f32: 4 MB in, 4 MB out, 80 us. A tenth of 100 KB holds a row of 4 KB.
TEST(RowWise, RowsThatL1HoldsAreReadOnce) {
  const std::vector<double> constants = {3, 1, 2, 0.1, 0};
  EXPECT_NEAR(predict_rows(round_chip(), constants, {1000, 1000, 4}).seconds * 1e6, 3 + 80, 1e-6);
}

// Rows of 20 KB are twice what is held: both further passes read memory, (2 + 2) x 20 MB = 800 us. Of 15 KB,
// half of a row is missed.
TEST(RowWise, LongerRowsAreReadForEachPass) {
  const std::vector<double> constants = {3, 1, 2, 0.1, 0};
  EXPECT_NEAR(predict_rows(round_chip(), constants, {1000, 5000, 4}).seconds * 1e6, 3 + 800, 1e-6);
  EXPECT_NEAR(predict_rows(round_chip(), constants, {1000, 3750, 4}).seconds * 1e6, 3 + 3 * 150, 1e-6);
}

// 32,000 rows of one number: eight at once on each of 4 cores, 1 us each time, 1000 times.
TEST(RowWise, ShortRowsCostTime) {
  const Estimate estimate = predict_rows(round_chip(), std::vector<double>{3, 1, 2, 0.1, 1}, {32000, 1, 4});
  EXPECT_NEAR(estimate.seconds * 1e6, 3 + 1000, 1e-6);
  EXPECT_EQ(estimate.limit, Limit::Latency);
}

}  // namespace
}  // namespace atlas
