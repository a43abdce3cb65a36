// Edits of graphs: names, producers, captures, order, compaction.
#include "atlas/graph/graph.h"

#include <gtest/gtest.h>

#include "atlas/base/error.h"
#include "atlas/graph/builder.h"
#include "atlas/graph/text_parser.h"
#include "atlas/graph/text_writer.h"
#include "atlas/graph/verify.h"

namespace atlas {
namespace {

TEST(Graph, NamesAreMadeUnique) {
  Graph graph;
  const ValueId a = graph.add_value("a");
  const ValueId b = graph.add_value("a");
  EXPECT_NE(graph.value(a).name, graph.value(b).name);
  graph.rename(a, "c");
  EXPECT_EQ(graph.find("c"), a);
  EXPECT_EQ(graph.find("a"), ValueId::None);
}

TEST(Graph, AValueHasOneProducer) {
  Graph graph;
  const ValueId x = graph.add_input("x", {});
  EXPECT_THROW(graph.add_node({"", "Relu", "r", {}, {x}, {}}), Error);
  const ValueId y = graph.add_value("y");
  graph.add_node({"", "Relu", "r", {x}, {y}, {}});
  EXPECT_THROW(graph.add_node({"", "Relu", "r", {x}, {y}, {}}), Error);
}

TEST(Graph, OrderFollowsDataAndThenIds) {
  const Graph graph = parse_graph(R"(graph "g" { input x: ?
    d: ? = D(b, c)  c: ? = C(x)  b: ? = B(x)  a: ? = A(x)  output d })");
  std::string ops;
  for (const NodeId id : graph.order()) ops += graph.node(id).op;
  EXPECT_EQ(ops, "CBDA");
}

TEST(Graph, ErasedNodesAndUnusedValuesGo) {
  Graph graph = parse_graph(R"(graph "g" { input x: ?  const unused = f32[]{1}  const used = f32[]{2}
    a: ? = A(x)  b: ? = B(a)
    y: ? = If(x) {t=graph "t" { capture p: ? = b  capture q: ? = used  output p }}
    output y })");
  graph.replace_uses(graph.find("b"), graph.find("x"));
  graph.erase_node(graph.value(graph.find("b")).producer);
  graph.erase_node(graph.value(graph.find("a")).producer);
  graph.compact();
  verify(graph);
  EXPECT_EQ(write_graph(graph), R"(graph "g" {
  input x: ?
  const used = f32[]{2}
  y: ? = If(x) {t=graph "t" {
    capture p: ? = x
    capture q: ? = used
    output p
  }}
  output y
}
)");
}

TEST(Graph, ConsumersSeeThroughNestedGraphs) {
  const Graph graph = parse_graph(R"(graph "g" { input x: ?
    a: ? = A(x, x)  y: ? = If(a) {t=graph "t" { capture p: ? = x  output p }}  output y })");
  EXPECT_EQ(graph.consumers()[index(graph.find("x"))].size(), 2u);
}

TEST(Graph, CaptureIsMadeOnce) {
  Graph outer;
  const ValueId x = outer.add_input("x", {});
  Graph nested;
  const ValueId inner = nested.capture(x, "x", {});
  EXPECT_EQ(nested.capture(x, "x", {}), inner);
  EXPECT_EQ(nested.captures.size(), 1u);
}

TEST(GraphBuilder, AddsNodesWithConstants) {
  Graph graph;
  GraphBuilder builder(graph, "p/");
  const ValueId x = graph.add_input("x", Type::tensor(DType::F32));
  graph.outputs.push_back(builder.op("com.microsoft::Gelu", {builder.op("Add", {x, builder.scalar(1)})}));
  verify(graph);
  EXPECT_EQ(describe(graph.node(NodeId{1})), "com.microsoft::Gelu 'p/Gelu'");
}

}  // namespace
}  // namespace atlas
