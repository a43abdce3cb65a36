#include "atlas/timeline/roof.h"

#include <gtest/gtest.h>

namespace atlas {
namespace {

const Roof kRoof{"m", {{"f32", 100}, {"i8", 400}}, {{1000, 50}, {1e9, 10}}};

TEST(Roof, KnowsRatesOfRelatedFormats) {
  EXPECT_EQ(kRoof.operations_rate("u8"), 400);
  EXPECT_EQ(kRoof.operations_rate("f64"), 100);
  EXPECT_EQ((Roof{"m", {{"f16", 7}, {"i8", 9}}, {}}).operations_rate("f32"), 7);
  EXPECT_EQ(Roof().operations_rate("f32"), 0);
}

TEST(Roof, DataMayBeInACacheThatNearlyHoldsThem) {
  EXPECT_EQ(kRoof.bytes_rate(10), 50);
  EXPECT_EQ(kRoof.bytes_rate(1e9 - 1), 50);
  EXPECT_EQ(kRoof.bytes_rate(1e9), 10);
  EXPECT_EQ(kRoof.bytes_rate(1e12), 10);
}

// 300 operations take 3 s, 200 bytes 4 s; 1e10 bytes 1e9 s.
TEST(Roof, TheSlowerOfTwoDecides) {
  EXPECT_EQ(kRoof.seconds(300, "f32", 200), 4);
  EXPECT_EQ(kRoof.seconds(500, "f32", 200), 5);
  EXPECT_EQ(kRoof.seconds(0, "", 1e10), 1e9);
  EXPECT_EQ(Roof().seconds(1, "f32", 1), 0);
}

}  // namespace
}  // namespace atlas
