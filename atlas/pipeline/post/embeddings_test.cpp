#include "atlas/pipeline/post/embeddings.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>

#include "atlas/base/error.h"

namespace atlas {
namespace {

using testing::ElementsAre;

TEST(Embeddings, MeanLeavesPaddingOut) {
  const Tensor hidden = Tensor::of<float>({2, 3, 2}, {9, 9, 9, 9, 9, 9, 1, 2, 3, 6, 100, 100});
  const Tensor mask = Tensor::of<std::int64_t>({2, 3}, {0, 0, 0, 1, 1, 0});
  EXPECT_THAT(mean_pooled(hidden, mask, 1), ElementsAre(2, 4));
  EXPECT_THAT(mean_pooled(hidden, mask, 0), ElementsAre(0, 0));
  EXPECT_THROW(mean_pooled(hidden, mask, 2), Error);
  EXPECT_THROW(mean_pooled(hidden, Tensor::of<std::int64_t>({2, 2}, {1, 1, 1, 1}), 0), Error);
}

TEST(Embeddings, LengthsBecomeOne) {
  EXPECT_THAT(normalized(std::vector<float>{3, 4}), ElementsAre(0.6f, 0.8f));
  EXPECT_THAT(normalized(std::vector<float>{0, 0}), ElementsAre(0, 0));
}

TEST(Embeddings, CosineIsThatOfTheAngle) {
  EXPECT_FLOAT_EQ(cosine(std::vector<float>{1, 0}, std::vector<float>{5, 5}), std::sqrt(0.5f));
  EXPECT_FLOAT_EQ(cosine(std::vector<float>{1, 2}, std::vector<float>{-2, -4}), -1);
  EXPECT_EQ(cosine(std::vector<float>{0, 0}, std::vector<float>{1, 1}), 0);
  EXPECT_THROW(cosine(std::vector<float>{1}, std::vector<float>{1, 1}), Error);
}

}  // namespace
}  // namespace atlas
