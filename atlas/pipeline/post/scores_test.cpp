#include "atlas/pipeline/post/scores.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>

namespace atlas {
namespace {

TEST(Scores, SoftmaxIsThatOfLogits) {
  const std::vector<float> p = softmax(std::vector<float>{1000, 1000 + std::log(3.0f), -1000});
  EXPECT_NEAR(p[0], 0.25, 1e-5);
  EXPECT_NEAR(p[1], 0.75, 1e-5);
  EXPECT_EQ(p[2], 0);
  EXPECT_TRUE(softmax({}).empty());
}

TEST(Scores, SigmoidDoesNotOverflow) {
  EXPECT_FLOAT_EQ(sigmoid(0), 0.5f);
  EXPECT_FLOAT_EQ(sigmoid(std::log(4.0f)), 0.8f);
  EXPECT_FLOAT_EQ(sigmoid(-std::log(4.0f)), 0.2f);
  EXPECT_EQ(sigmoid(-1e5f), 0);
  EXPECT_EQ(sigmoid(1e5f), 1);
}

TEST(Scores, TheBestComeFirst) {
  const float nan = std::numeric_limits<float>::quiet_NaN();
  const std::vector<Ranked> best = top_k(std::vector<float>{nan, 1, 3, 3, -2}, 3);
  ASSERT_EQ(best.size(), 3u);
  EXPECT_EQ(best[0].index, 2u);
  EXPECT_EQ(best[1].index, 3u);
  EXPECT_EQ(best[2].index, 1u);
  EXPECT_EQ(best[2].score, 1);
  EXPECT_EQ(top_k(std::vector<float>{nan, 1}, 9).size(), 2u);
}

}  // namespace
}  // namespace atlas
