#include "atlas/plan/predictor.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "atlas/graph/text_parser.h"
#include "atlas/ops/infer.h"
#include "atlas/ops/ops.h"
#include "atlas/plan/plan_testing.h"

namespace atlas {
namespace {

using testing::ElementsAre;

StepList steps_of_text(const char* text, const std::string& format = "") {
  static const OpRegistry ops = standard_ops();
  Graph graph = parse_graph(text, "g");
  infer_types(graph, ops);
  return steps_of(graph, ops, format);
}

std::vector<std::string> ops_of(const StepList& list) {
  std::vector<std::string> names;
  for (const Step& step : list.steps) names.push_back(step.op);
  return names;
}

constexpr const char* kBlock = R"(graph "block" {
  input x: f32[1,8,10,10]
  const w = f32[16,8,3,3]{0...}
  input r: f32[1,16,10,10]
  c: ? = Conv "conv"(x, w) {pads = [1, 1, 1, 1]}
  s: ? = Add(c, r)
  a: ? = Relu(s)
  f: ? = Flatten(a)
  const v = f32[1600,4]{0...}
  y: ? = MatMul(f, v)
  p: ? = Softmax(y)
  output p
})";

// The sum with a residual and the Relu behind it run as part of the convolution; Flatten moves nothing. The
// residual of 1600 f32 is read besides.
TEST(GraphOperators, FusesWhatStandsBehindAHeavyNode) {
  std::string text = kBlock;
  for (const auto& [from, count] :
       {std::pair<std::string, int>{"f32[16,8,3,3]{0...}", 1152}, {"f32[1600,4]{0...}", 6400}}) {
    std::string zeros = "{0";
    for (int i = 1; i < count; ++i) zeros += ", 0";
    text.replace(text.find(from), from.size(), from.substr(0, from.find('{')) + zeros + "}");
  }
  const StepList list = steps_of_text(text.c_str());
  EXPECT_THAT(ops_of(list), ElementsAre("Conv+Add+Relu", "MatMul", "Softmax"));
  EXPECT_EQ(list.steps[0].name, "conv");
  EXPECT_EQ(list.steps[0].extra_bytes, 6400);
  const auto& conv = std::get<Convolution>(list.steps[0].what.sizes);
  EXPECT_EQ(conv.in_channels, 8);
  EXPECT_EQ(conv.out_channels, 16);
  EXPECT_EQ(conv.out_h, 10);
  const auto& product = std::get<Gemm>(list.steps[1].what.sizes);
  EXPECT_EQ(product.m, 1);
  EXPECT_EQ(product.k, 1600);
  EXPECT_EQ(product.n, 4);
  EXPECT_EQ(list.steps[2].what.key, "softmax/fp32");
}

// A value that two nodes use is written out: the Relu runs by itself.
TEST(GraphOperators, AValueWithTwoUsersEndsAStep) {
  const StepList list = steps_of_text(R"(graph "g" {
    input x: f32[4,8]
    input w: f32[8,8]
    a: ? = MatMul(x, w)
    b: ? = Relu(a)
    c: ? = MatMul(a, w)
    y: ? = Sub(b, c)
    output y
  })");
  EXPECT_THAT(ops_of(list), ElementsAre("MatMul", "Relu", "MatMul+Sub"));
}

TEST(GraphOperators, PricesRealNumbersAsAsked) {
  const char* text = R"(graph "g" {
    input x: f32[4,8]
    input w: f32[8,8]
    a: ? = MatMul(x, w)
    y: ? = Transpose(a)
    output y
  })";
  EXPECT_EQ(steps_of_text(text).steps[1].what.key, "elementwise/fp32");
  const StepList half = steps_of_text(text, "f16");
  EXPECT_EQ(half.steps[0].what.key, "gemm/f16");
  EXPECT_EQ(std::get<Elementwise>(half.steps[1].what.sizes).element_bytes, 2);
  EXPECT_EQ(std::get<Elementwise>(half.steps[1].what.sizes).elements, 32);
}

TEST(GraphOperators, NamesNodesWithoutSizes) {
  const StepList list = steps_of_text(R"(graph "g" {
    input x: f32[N,8]
    y: ? = Relu "r"(x)
    output y
  })");
  EXPECT_TRUE(list.steps.empty());
  EXPECT_THAT(list.not_sized, ElementsAre("Relu 'r'"));
}

// Two transposes of 1e6 f32: 8 MB at 80 % of 100 GB/s are 100 us, and 3 us to launch, one after the other.
// Energy: 10 W idle for 103 us, 1e6 operations of 1 pJ, 64e6 bits of 5 pJ: 1.03 mJ + 0.001 mJ + 0.32 mJ.
TEST(Predictor, PutsStepsOneAfterTheOther) {
  Graph graph = parse_graph(R"(graph "g" {
    input x: f32[1000,1000]
    a: ? = Transpose(x)
    y: ? = Transpose "last"(a)
    output y
  })",
                            "g");
  const OpRegistry ops = standard_ops();
  infer_types(graph, ops);
  Chip chip = round_chip();
  chip.idle_w = 10;
  chip.tdp_w = 100;
  chip.joules_per_operation = 1e-12;
  chip.dram_joules_per_bit = 5e-12;
  Constants constants;
  constants.values["elementwise"] = {3, 0.8};
  Predictor predictor(chip, constants, "data sheet");
  const Timeline timeline = predictor.timeline(graph, steps_of(graph, ops, ""));
  ASSERT_EQ(timeline.events.size(), 2u);
  EXPECT_EQ(timeline.source, "data sheet");
  EXPECT_EQ(timeline.events[1].node, "last");
  EXPECT_EQ(timeline.events[1].limit, "memory");
  EXPECT_NEAR(timeline.events[1].start_s * 1e6, 103, 1e-3);
  EXPECT_NEAR(timeline.duration_s() * 1e6, 206, 1e-3);
  EXPECT_NEAR(timeline.events[0].energy_j * 1e3, 1.03 + 0.32, 0.002);
}

// 200 f32 come in. While the transpose runs its 800 bytes are there, then those and 800 of the softmax until
// the third step has read both; its 1600 go out.
TEST(Predictor, KnowsWhatIsKeptMeanwhile) {
  Graph graph = parse_graph(R"(graph "g" {
    input x: f32[10,20]
    a: ? = Transpose(x)
    b: ? = Softmax(a)
    y: ? = Concat(a, b) {axis = 0}
    output y
  })",
                            "g");
  const OpRegistry ops = standard_ops();
  infer_types(graph, ops);
  Predictor predictor(round_chip(), {}, "data sheet");
  const Timeline timeline = predictor.timeline(graph, steps_of(graph, ops, ""));
  ASSERT_EQ(timeline.memory.size(), 3u);
  EXPECT_EQ(timeline.memory[0].arena_bytes, 800);
  EXPECT_EQ(timeline.memory[0].buffer_bytes, 800);
  EXPECT_EQ(timeline.memory[1].arena_bytes, 1600);
  EXPECT_EQ(timeline.memory[2].arena_bytes, 1600);
  EXPECT_EQ(timeline.memory[2].buffer_bytes, 800 + 1600);
  EXPECT_EQ(timeline.memory[2].time_s, timeline.events[2].start_s);
  EXPECT_THAT(timeline.events[2].reads, ElementsAre(0, 1));
}

// Power is capped: what would take more than the TDP takes the TDP.
TEST(Predictor, CapsPower) {
  Chip chip = round_chip();
  chip.tdp_w = 1;
  chip.joules_per_operation = 1;
  Graph graph = parse_graph("graph \"g\" {\n input x: f32[8]\n y: ? = Relu(x)\n output y\n}", "g");
  const OpRegistry ops = standard_ops();
  infer_types(graph, ops);
  Predictor predictor(chip, {}, "data sheet");
  const Timeline timeline = predictor.timeline(graph, steps_of(graph, ops, ""));
  EXPECT_NEAR(timeline.energy_j(), timeline.duration_s() * 1, 1e-12);
}

}  // namespace
}  // namespace atlas
