#include "atlas/timeline/timeline_diff.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace atlas {
namespace {

// A product takes 4 us and then 1; an addition 2 and then 2.5, now with a Relu fused into it; a loop runs a
// node twice.
TEST(TimelineDiff, ByHand) {
  Timeline before{"g", "m", "measured", {}}, after = before;
  before.events = {{"a", "MatMul", "", 0, 4e-6}, {"b", "Add", "", 4e-6, 2e-6}, {"c", "Relu", "", 6e-6, 1e-6}};
  after.events = {{"a", "MatMul", "", 0, 0.5e-6},
                  {"a", "MatMul", "", 0.5e-6, 0.5e-6},
                  {"b", "Add+Relu", "", 1e-6, 2.5e-6}};
  const TimelineDiff diff = diff_timelines(before, after);
  EXPECT_NEAR(diff.total.before_s, 7e-6, 1e-12);
  EXPECT_NEAR(diff.total.after_s, 3.5e-6, 1e-12);
  EXPECT_EQ(diff.only_before, 1u);
  EXPECT_EQ(diff.only_after, 0u);
  ASSERT_EQ(diff.steps.size(), 3u);
  EXPECT_EQ(diff.steps[0].name, "a");
  EXPECT_NEAR(diff.steps[0].difference_s(), -3e-6, 1e-12);
  EXPECT_EQ(diff.steps[1].name, "c");
  EXPECT_EQ(diff.steps[2].op, "Add -> Add+Relu");
  const std::string seen = text(diff, 1);
  EXPECT_THAT(seen, testing::ContainsRegex("total +7.0 us +3.5 us +-3.5 us +x 0.50\n"));
  EXPECT_THAT(seen, testing::ContainsRegex("Add\\+Relu +0.0 us +2.5 us +\\+2.5 us +new"));
  EXPECT_THAT(seen, testing::HasSubstr("1 nodes are steps before alone, 0 after alone"));
  EXPECT_EQ(timeline_diff_json(diff).at("steps").items().size(), 3u);
}

}  // namespace
}  // namespace atlas
