#include "atlas/pipeline/post/anomaly.h"

#include <gtest/gtest.h>

#include "atlas/base/error.h"

namespace atlas {
namespace {

TEST(Anomaly, ReconstructionErrorIsTheMeanSquare) {
  EXPECT_FLOAT_EQ(reconstruction_error(Tensor::of<float>({2}, {1, 5}), Tensor::of<float>({2}, {2, 2})), 5);
  EXPECT_THROW(reconstruction_error(Tensor::of<float>({2}, {1, 5}), Tensor::of<float>({1}, {1})), Error);
}

TEST(Anomaly, ScoreOfAMapIsTheMeanOfItsHighest) {
  const std::vector<float> map{1, 9, 3, 7, 5, 0, 0, 0, 0, 0};
  EXPECT_FLOAT_EQ(anomaly_score(map, 0), 9);
  EXPECT_FLOAT_EQ(anomaly_score(map, 0.2f), 8);
  EXPECT_FLOAT_EQ(anomaly_score(map, 0.25f), 7);  // three of ten: rounded up
  EXPECT_FLOAT_EQ(anomaly_score(map, 1), 2.5f);
  EXPECT_EQ(anomaly_score({}, 0.5f), 0);
}

TEST(Anomaly, ScaledScoresCrossHalfAtTheThreshold) {
  EXPECT_FLOAT_EQ(scaled_anomaly(4, 4, 0, 10), 0.5f);
  EXPECT_FLOAT_EQ(scaled_anomaly(6, 4, 0, 10), 0.7f);
  EXPECT_FLOAT_EQ(scaled_anomaly(100, 4, 0, 10), 1);
  EXPECT_FLOAT_EQ(scaled_anomaly(-100, 4, 0, 10), 0);
  EXPECT_THROW(scaled_anomaly(1, 1, 2, 2), Error);
}

}  // namespace
}  // namespace atlas
