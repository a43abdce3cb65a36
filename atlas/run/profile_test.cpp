// Measured timelines: what each step was, when threads worked, what nests in what.
#include "atlas/run/profile.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "atlas/base/error.h"
#include "atlas/graph/text_parser.h"

namespace atlas {
namespace {

const Registry& registry() {
  static const Registry all = standard_registry();
  return all;
}

Timeline timeline_of(const std::string& text, std::vector<Datum> inputs, std::size_t threads) {
  SessionOptions options;
  options.threads = threads;
  const Session session(parse_graph(text, "test"), registry(), options);
  ProfileOptions profile_options;
  profile_options.runs = 3;
  const Profile found = profile(session, registry().ops, inputs, profile_options);
  EXPECT_EQ(found.runs_s.size(), 3u);
  EXPECT_LE(found.runs_s.front(), found.runs_s.back());
  EXPECT_EQ(found.plain_runs_s.size(), 3u);
  EXPECT_GT(found.overhead(), -1);
  return found.timeline;
}

TEST(Profile, KnowsWhatWasFusedAndItsCost) {
  const Tensor x(DType::F32, {1, 8, 16, 16});
  const Timeline timeline = timeline_of(R"(graph "g" {
      input x: f32[N,8,H,W]
      input w: f32[8,8,3,3]
      a: ? = Conv "first"(x, w) {pads=[1, 1, 1, 1]}
      b: ? = Add(a, x)
      y: ? = Relu(b)
      output y
    })",
                                        {x, Tensor(DType::F32, {8, 8, 3, 3})}, 1);
  ASSERT_EQ(timeline.events.size(), 1u);
  const Event& event = timeline.events[0];
  EXPECT_EQ(event.node, "first");
  EXPECT_EQ(event.op, "Conv+Add+Relu");
  EXPECT_EQ(event.shape, "f32[1,8,16,16]");
  EXPECT_EQ(event.format, "f32");
  EXPECT_GE(event.operations, 2.0 * 8 * 8 * 9 * 256);
  EXPECT_GT(event.duration_s, 0);
}

// 4 Mi numbers are shared by both threads; each part lies within its step.
TEST(Profile, SaysWhenThreadsWorked) {
  const Timeline timeline = timeline_of(R"(graph "g" {
      input x: f32[N]
      a: ? = Exp(x)
      y: ? = Tanh(a)
      output y
    })",
                                        {Tensor::of<float>({1 << 22}, std::vector<float>(1 << 22, 0.5f))}, 2);
  ASSERT_EQ(timeline.events.size(), 2u);
  EXPECT_TRUE(timeline.events[0].reads.empty());
  EXPECT_EQ(timeline.events[1].reads, std::vector<std::size_t>{0});
  if (timeline.threads.empty()) GTEST_SKIP() << "the second thread never got a processor in time";
  for (const ThreadSpan& span : timeline.threads) {
    EXPECT_EQ(span.thread, 1u);
    const Event& event = timeline.events.at(span.event);
    EXPECT_GE(span.start_s, event.start_s);
    EXPECT_LE(span.start_s + span.duration_s, event.start_s + event.duration_s + 1e-9);
  }
  ASSERT_EQ(timeline.memory.size(), 2u);
  EXPECT_EQ(timeline.memory[0].arena_bytes, 4.0 * (1 << 22));   // a
  EXPECT_GE(timeline.memory[0].buffer_bytes, 4.0 * (1 << 22));  // x
}

TEST(Profile, TakesNestedStepsOffTheStepThatHoldsThem) {
  const Timeline timeline =
      timeline_of(R"(graph "g" {
      input x: f32[4]
      input c: bool[]
      y: ? = If "choose"(c) {
        then_branch=graph "t" { capture p: f32[4] = x  q: f32[4] = Exp "inside"(p)  output q },
        else_branch=graph "e" { capture p: f32[4] = x  q: f32[4] = Neg(p)  output q } }
      output y
    })",
                  {Tensor::of<float>({4}, {1, 2, 3, 4}), Tensor::of<bool>({}, {true})}, 1);
  ASSERT_EQ(timeline.events.size(), 2u);
  EXPECT_EQ(timeline.events[1].node, "inside");
  EXPECT_EQ(timeline.events[0].nested_s, timeline.events[1].duration_s);
  EXPECT_GE(timeline.events[0].self_s(), 0);
  EXPECT_EQ(timeline.events[0].operations, 0);
  EXPECT_EQ(timeline.events[1].operations, 4);
}

TEST(Profile, PassesOnWhatARunThrows) {
  const Session session(parse_graph("graph \"g\" { input x: f32[2]  y: ? = Relu(x)  output y }", "test"),
                        registry());
  const std::vector<Datum> inputs = {Tensor(DType::F32, {3})};
  EXPECT_THROW(profile(session, registry().ops, inputs), Error);
}

TEST(HardwareCounters, CountOrSayWhyNot) {
  const HardwareCounters counters;
  EXPECT_EQ(counters.read().size(), counters.names().size());
  if (counters.names().empty()) {
    EXPECT_THAT(counters.why_not(), testing::HasSubstr("cycles"));
    GTEST_SKIP() << "hardware counters: " << counters.why_not();
  }
  const double before = counters.read()[0];
  volatile double sum = 0;
  for (int i = 0; i < 1'000'000; ++i) sum = sum + i;
  EXPECT_GT(counters.read()[0], before);
}

TEST(Roof, OfTheHostIsMeasured) {
  const Session session(parse_graph("graph \"g\" { input x: f32[2]  y: ? = Relu(x)  output y }", "test"),
                        registry());
  const Roof roof = session.measure_roof();
  ASSERT_TRUE(roof.is_known());
  EXPECT_GT(roof.operations_rate("f32"), 1e8);
  EXPECT_GT(roof.operations_rate("i8"), 1e8);
  for (std::size_t i = 1; i < roof.bandwidth.size(); ++i) {
    EXPECT_GT(roof.bandwidth[i].set_bytes, roof.bandwidth[i - 1].set_bytes);
    EXPECT_LE(roof.bandwidth[i].bytes_per_s, roof.bandwidth[i - 1].bytes_per_s);
  }
}

}  // namespace
}  // namespace atlas
