#include "atlas/timeline/timeline.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "atlas/base/error.h"

namespace atlas {
namespace {

Timeline two_steps() {
  Timeline timeline{"net", "t4", "data sheet", {}};
  timeline.events.push_back({"a", "Conv+Relu", "compute", 1e-6, 4e-6, 100, 2000, 0.5, "f32", "f32[2]"});
  timeline.events.push_back({"b, c", "Add", "memory", 6e-6, 2e-6, 50, 10, 0.25});
  return timeline;
}

Timeline with_everything() {
  Timeline timeline = two_steps();
  timeline.counters = {"cycles"};
  timeline.events[0].counters = {7};
  timeline.events[1].reads = {0};
  timeline.notes = {"a note"};
  timeline.threads = {{1, 3, 6e-6, 1e-6}};
  timeline.memory = {{5e-6, 64, 32}};
  set_roof(timeline, {"t4", {{"f32", 1e9}}, {{1e3, 1e8}, {1e9, 1e7}}});
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

// 2000 operations at 1e9 per second are 2 us, 100 bytes at 1e8 are 1 us.
TEST(Timeline, IsHeldAgainstARoof) {
  Timeline timeline = two_steps();
  timeline.events[0].limit = timeline.events[1].limit = "";
  set_roof(timeline, {"t4", {{"f32", 1e9}}, {{1e3, 1e8}, {1e9, 1e7}}});
  EXPECT_NEAR(timeline.events[0].roof_s, 2e-6, 1e-12);
  EXPECT_EQ(timeline.events[0].limit, "compute");
  EXPECT_NEAR(timeline.events[1].roof_s, 0.5e-6, 1e-12);
  EXPECT_EQ(timeline.events[1].limit, "memory");
  EXPECT_NEAR(timeline.roof_s(), 2.5e-6, 1e-12);
}

TEST(Timeline, IsWrittenForOtherPrograms) {
  EXPECT_EQ(
      timeline_csv(with_everything()).text(),
      "node,op,limit,start_us,duration_us,bytes,operations,energy_j,format,shape,roof_us,nested_us,cycles\n"
      "a,Conv+Relu,compute,1,4,100,2000,0.5,f32,f32[2],2,0,7\n"
      "\"b, c\",Add,memory,6,2,50,10,0.25,,,0.5,0,\n");
  const std::string json = timeline_json(two_steps()).text();
  EXPECT_THAT(json, testing::HasSubstr("\"source\": \"data sheet\""));
  EXPECT_THAT(json, testing::HasSubstr("\"op\": \"Conv+Relu\""));
  EXPECT_THAT(json, testing::HasSubstr("\"roof\": null"));
}

TEST(Timeline, IsReadBack) {
  const std::string text = timeline_json(with_everything()).text();
  const Timeline read = timeline_from_json(Json::parse(text, "t.json"), "t.json");
  EXPECT_EQ(timeline_json(read).text(), text);
  ASSERT_EQ(read.threads.size(), 1u);
  EXPECT_EQ(read.threads[0].thread, 3u);
  EXPECT_EQ(read.roof.bandwidth.size(), 2u);
  EXPECT_EQ(read.events[1].reads, std::vector<std::size_t>{0});
}

TEST(Timeline, OfTheFirstVersionIsRead) {
  const Timeline read = timeline_from_json(Json::parse(R"({"graph": "g", "machine": "m", "source": "s",
                      "events": [{"node": "a", "op": "Add", "start_us": 0, "duration_us": 2}]})",
                                                       "old"),
                                           "old");
  EXPECT_NEAR(read.duration_s(), 2e-6, 1e-12);
  EXPECT_FALSE(read.roof.is_known());
}

TEST(Timeline, WhatCannotBeIsRefused) {
  const auto message_of = [](const std::string& events) -> std::string {
    const std::string text = R"({"graph": "g", "machine": "m", "source": "s", )" + events + "}";
    try {
      timeline_from_json(Json::parse(text, "t.json"), "t.json");
    } catch (const Error& error) {
      return error.what();
    }
    return "no error";
  };
  EXPECT_EQ(message_of(R"("events": [{"node": "a", "op": "Add", "start_us": 0, "duration_us": -2}])"),
            "t.json: events[0]: duration_us: expected a number that is not negative, got -2e-06");
  EXPECT_THAT(
      message_of(R"("events": [], "threads": [{"event": 0, "thread": 0, "start_us": 0, "duration_us": 0}])"),
      testing::StartsWith("t.json: "));
  EXPECT_THAT(
      message_of(R"("events": [{"node": "a", "op": "Add", "start_us": 0, "duration_us": 2, "reads": [0]}])"),
      testing::StartsWith("t.json: events[0]: "));
  EXPECT_THAT(message_of(R"("events": 3)"), testing::HasSubstr("t.json: "));
}

}  // namespace
}  // namespace atlas
