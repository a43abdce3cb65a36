// Resampling along the last axis and along others, with a known table.
#include "atlas/targets/cpu/kernels/resample.h"

#include <gmock/gmock.h>

namespace atlas::cpu {
namespace {

using testing::ElementsAre;

// From three positions to two: the mean of the first two, and the last.
const ResampleTable kTable{3, 2, 2, {0, 1, 2, 2}, {0.5f, 0.5f, 1, 0}};

TEST(Resample, AlongTheLastAxis) {
  ThreadPool pool(2);
  const std::vector<float> x = {1, 3, 5, 2, 4, 6};
  std::vector<float> y(4);
  resample(kTable, x.data(), y.data(), 2, 1, pool);
  EXPECT_THAT(y, ElementsAre(2, 5, 3, 6));
}

TEST(Resample, AlongAnOuterAxis) {
  ThreadPool pool(2);
  const std::vector<float> x = {1, 2, 3, 4, 5, 6};
  std::vector<float> y(4);
  resample(kTable, x.data(), y.data(), 1, 2, pool);
  EXPECT_THAT(y, ElementsAre(2, 3, 5, 6));
}

}  // namespace
}  // namespace atlas::cpu
