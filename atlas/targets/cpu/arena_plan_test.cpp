#include "atlas/targets/cpu/arena_plan.h"

#include <gtest/gtest.h>

#include "atlas/graph/text_parser.h"
#include "atlas/ops/infer.h"
#include "atlas/targets/cpu/kernel_table.h"
#include "atlas/targets/cpu/lowering.h"
#include "atlas/targets/cpu/rewrite_testing.h"

namespace atlas::cpu {
namespace {

const OpRegistry& registry() {
  static const OpRegistry ops = standard_ops();
  return ops;
}

/// The places of the values of a graph whose steps are its nodes.
struct Planned {
  explicit Planned(const std::string& text, const SymbolTable& symbols = {}) : graph(parse_graph(text)) {
    infer_types(graph, registry());
    std::vector<StepShape> steps;
    for (const NodeId id : graph.order()) {
      const Node& node = graph.node(id);
      const KernelChoice choice = choose_kernel(NodeView(graph, node, registry().at(node)));
      steps.push_back({id, choice.sharing, choice.kernel != nullptr});
    }
    plan = ArenaPlanner(graph, steps).plan(symbols);
  }
  std::optional<Place> place(std::string_view name) const { return plan.places[index(graph.find(name))]; }
  /// Bytes from one value to another.
  std::ptrdiff_t between(std::string_view from, std::string_view to) const {
    return static_cast<std::ptrdiff_t>(place(to)->offset) - static_cast<std::ptrdiff_t>(place(from)->offset);
  }

  Graph graph;
  ArenaPlan plan;
};

TEST(ArenaPlan, WhatIsJoinedIsWrittenInItsPlace) {
  const Planned p(R"(graph "g" { input x: f32[1,4,16]
    a: ? = Exp(x) b: ? = Sin(x) j: ? = Concat(a, b) {axis=1} y: ? = Exp(j) z: ? = Sin(y) output z })");
  EXPECT_EQ(p.between("j", "a"), 0);
  EXPECT_EQ(p.between("j", "b"), 256);
  EXPECT_EQ(p.plan.arena_bytes, 512u);  // y is written over j
}

TEST(ArenaPlan, ResultsThatAreJoinedAgainHoldTheirParts) {
  const Planned p(R"(graph "g" { input x: f32[1,4,16]
    a: ? = Exp(x) b: ? = Sin(x) j: ? = Concat(a, b) {axis=1} c: ? = Exp(j) k: ? = Concat(j, c) {axis=1}
    y: ? = Exp(k) z: ? = Sin(y) output z })");
  EXPECT_EQ(p.between("k", "j"), 0);
  EXPECT_EQ(p.between("k", "b"), 256);
  EXPECT_EQ(p.between("k", "c"), 512);
}

// `n` would be written over `a`, which nobody reads later, if `a` were not a part of `j`.
TEST(ArenaPlan, APartIsNotWrittenOver) {
  const Planned p(R"(graph "g" { input x: f32[1,4,16]
    a: ? = Exp(x) b: ? = Sin(x) j: ? = Concat(a, b) {axis=1} n: ? = Neg(a)
    v: ? = ReduceSum(j) w: ? = ReduceSum(n) output v output w })");
  EXPECT_EQ(p.between("j", "a"), 0);
  EXPECT_TRUE(p.between("j", "n") >= 512 || p.between("j", "n") <= -256) << p.between("j", "n");
}

TEST(ArenaPlan, PartsOfAnOutputLieInItsMemory) {
  const Planned p(R"(graph "g" { input x: f32[1,4,16]
    a: ? = Exp(x) b: ? = Sin(x) j: ? = Concat(a, b) {axis=1} k: ? = Concat(j, x, b) {axis=1} output k })");
  const ValueId k = p.graph.find("k");
  EXPECT_EQ(p.place("j")->output, k);
  EXPECT_EQ(p.place("b")->output, k);
  EXPECT_EQ(p.place("b")->output_offset, 256u);
  EXPECT_EQ(p.plan.early.at(k), (Shape{1, 16, 16}));
  EXPECT_FALSE(p.place("k"));
  // And in the arena, for runs whose caller lends the output's memory: there nothing is joined.
  EXPECT_EQ(p.plan.arena_bytes, 1024u);
}

TEST(ArenaPlan, WhatCannotStandThereIsCopied) {
  // Between rows; at an odd place; twice; an input.
  const Planned rows(R"(graph "g" { input x: f32[2,16]
    a: ? = Exp(x) b: ? = Sin(x) j: ? = Concat(a, b) {axis=1} y: ? = ReduceSum(j) output y })");
  EXPECT_NE(rows.between("j", "b"), 64);
  const Planned odd(R"(graph "g" { input x: f32[1,5]
    a: ? = Exp(x) b: ? = Sin(x) j: ? = Concat(a, b) {axis=1} y: ? = ReduceSum(j) output y })");
  EXPECT_EQ(odd.between("j", "a"), 0);
  EXPECT_NE(odd.between("j", "b"), 20);
  const Planned twice(R"(graph "g" { input x: f32[1,16]
    a: ? = Exp(x) j: ? = Concat(x, a, a) {axis=1} y: ? = ReduceSum(j) output y })");
  EXPECT_EQ(twice.between("j", "a"), 64);
}

TEST(NestConcats, TheLongestPrefixIsTaken) {
  Graph graph = parse_graph(R"(graph "g" { input x: f32[1,2,4]
    a: ? = Exp(x) b: ? = Sin(x) c: ? = Cos(x) d: ? = Neg(x)
    j: ? = Concat(a, b) {axis=1} k: ? = Concat(a, b, c) {axis=1} l: ? = Concat(a, b, c, d) {axis=1}
    m: ? = Concat(a, b, c, d) {axis=2} output j output l output m })");
  infer_types(graph, registry());
  check_rewrite(graph, registry(), {counted({1, 2, 4}, 0.1f)}, [&] { nest_concats(graph); }, {});
  const auto inputs = [&](std::string_view name) {
    return graph.node(graph.value(graph.find(name)).producer).inputs;
  };
  EXPECT_EQ(inputs("k"), (std::vector<ValueId>{graph.find("j"), graph.find("c")}));
  EXPECT_EQ(inputs("l"), (std::vector<ValueId>{graph.find("k"), graph.find("d")}));
  EXPECT_EQ(inputs("m").size(), 4u);  // another axis
}

}  // namespace
}  // namespace atlas::cpu
