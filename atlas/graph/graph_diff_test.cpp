#include "atlas/graph/graph_diff.h"

#include <gtest/gtest.h>

#include "atlas/base/error.h"
#include "atlas/graph/cut.h"
#include "atlas/graph/text_parser.h"
#include "atlas/graph/text_writer.h"

namespace atlas {
namespace {

constexpr const char* kBefore = R"(graph "g" {
  input x: f32[2,3]
  const w = f32[3]{1, 2, 3}
  const v = f32[]{1}
  a: ? = Mul "scale"(x, w)
  b: ? = Softmax "prob"(a) {axis=1}
  c: ? = Add(b, v)
  output c
})";

TEST(GraphDiff, OfAGraphWithItselfIsEmpty) {
  const Graph graph = parse_graph(kBefore, "g");
  const GraphDiff diff = diff_graphs(graph, graph);
  EXPECT_TRUE(diff.is_empty());
  EXPECT_EQ(diff.same_nodes, 3u);
  EXPECT_EQ(diff.same_constants, 2u);
}

TEST(GraphDiff, NamesWhatChanged) {
  const Graph after = parse_graph(R"(graph "g" {
    input x: f32[N,3]
    const w = f32[3]{1, 2, 4}
    a: ? = Mul "scale"(x, w)
    b: ? = Softmax "prob"(a) {axis=0}
    d: ? = Relu "last"(b)
    output d
  })",
                                  "g");
  const GraphDiff diff = diff_graphs(parse_graph(kBefore, "g"), after);
  std::string seen;
  for (const Change& change : diff.changes) {
    constexpr const char* kSigns[] = {"+", "-", "~"};
    seen += std::string(kSigns[static_cast<int>(change.kind)]) + change.what + " " + change.name + ": " +
            change.detail + "\n";
  }
  EXPECT_EQ(seen,
            "~input x: f32[2,3] -> f32[N,3]\n"
            "-output c: ?\n"
            "+output d: ?\n"
            "-node c: Add\n"
            "~node prob: axis 1 -> 0\n"
            "+node last: Relu 'last'\n"
            "-constant v: f32[]\n");
  ASSERT_EQ(diff.constants.size(), 1u);
  EXPECT_EQ(diff.constants[0].name, "w");
}

TEST(Cut, KeepsWhatIsBetween) {
  const Graph graph = parse_graph(kBefore, "g");
  const ValueId from = graph.find("a"), to = graph.find("c");
  EXPECT_EQ(write_graph(cut(graph, {&from, 1}, {&to, 1})), R"(graph "g" {
  input a: ?
  const v = f32[]{1}
  b: ? = Softmax "prob"(a) {axis=1}
  c: ? = Add(b, v)
  output c
}
)");
}

TEST(Cut, NeedsEveryInput) {
  const Graph graph = parse_graph(kBefore, "g");
  const ValueId to = graph.find("c");
  try {
    cut(graph, {}, {&to, 1});
    FAIL();
  } catch (const Error& error) {
    EXPECT_STREQ(error.what(), "cut: expected 'x' among the inputs");
  }
}

TEST(Cut, FollowsCaptures) {
  const Graph graph = parse_graph(R"(graph "g" {
    input x: f32[2]
    input c: bool[]
    a: ? = Relu(x)
    y: ? = If(c) {else_branch=graph "e" { capture p: ? = a  q: ? = Neg(p)  output q }, then_branch=graph "t" { capture p: ? = a  output p }}
    output y
  })",
                                  "g");
  const ValueId inputs[] = {graph.find("c"), graph.find("a")};
  const ValueId to = graph.find("y");
  const Graph part = cut(graph, inputs, {&to, 1});
  EXPECT_NE(write_graph(part).find("capture p: ? = a"), std::string::npos);
  EXPECT_EQ(part.order().size(), 1u);
}

}  // namespace
}  // namespace atlas
