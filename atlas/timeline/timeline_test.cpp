#include "atlas/timeline/timeline.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace atlas {
namespace {

Timeline two_steps() {
  Timeline timeline{"net", "t4", "data sheet", {}};
  timeline.events.push_back({"a", "Conv+Relu", "compute", 1e-6, 4e-6, 100, 2000, 0.5});
  timeline.events.push_back({"b, c", "Add", "memory", 6e-6, 2e-6, 50, 10, 0.25});
  return timeline;
}

// From 1 to 8 us, the gap between the two included.
TEST(Timeline, AddsUp) {
  const Timeline timeline = two_steps();
  EXPECT_NEAR(timeline.duration_s() * 1e6, 7, 1e-9);
  EXPECT_EQ(timeline.bytes(), 150);
  EXPECT_EQ(timeline.operations(), 2010);
  EXPECT_EQ(timeline.energy_j(), 0.75);
  EXPECT_EQ(Timeline().duration_s(), 0);
}

TEST(Timeline, IsWrittenForOtherPrograms) {
  EXPECT_EQ(timeline_csv(two_steps()).text(),
            "node,op,limit,start_us,duration_us,bytes,operations,energy_j\n"
            "a,Conv+Relu,compute,1,4,100,2000,0.5\n"
            "\"b, c\",Add,memory,6,2,50,10,0.25\n");
  const std::string json = timeline_json(two_steps()).text();
  EXPECT_THAT(json, testing::HasSubstr("\"source\": \"data sheet\""));
  EXPECT_THAT(json, testing::HasSubstr("\"op\": \"Conv+Relu\""));
}

}  // namespace
}  // namespace atlas
