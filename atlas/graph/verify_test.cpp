// Each structural rule broken once.
#include "atlas/graph/verify.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "atlas/base/error.h"
#include "atlas/graph/text_parser.h"

namespace atlas {
namespace {

using ::testing::HasSubstr;

std::string error_of(const Graph& graph) {
  try {
    verify(graph);
  } catch (const Error& error) {
    return error.what();
  }
  return "no error";
}

std::string error_of(std::string_view text) {
  return error_of(parse_graph(text));
}

Graph chain() {
  return parse_graph(R"(graph "g" { input x: f32[2]  y: ? = Relu "r"(x)  output y })");
}

TEST(Verify, AcceptsWhatIsSound) {
  EXPECT_EQ(error_of(chain()), "no error");
  EXPECT_EQ(error_of(R"(graph "g" { input x: f32 = f32[]{1}
    function d::F(a, b=1) graph "F" { input p: ?  q: ? = Foo(p) {k=@a, l=@b}  output q }
    y: ? = If(x) {then_branch=graph "t" { capture p: ? = x  output p }}
    output y  output y })"),
            "no error");
}

TEST(Verify, IdsAreInRange) {
  Graph graph = chain();
  graph.node(NodeId{0}).inputs[0] = ValueId{7};
  EXPECT_EQ(error_of(graph), "graph 'g': Relu 'r' refers to value 7 of 2");
  graph = chain();
  graph.outputs[0] = ValueId::None;
  EXPECT_THAT(error_of(graph), HasSubstr("an output refers to value -1"));
}

TEST(Verify, EveryValueHasOneOrigin) {
  Graph graph = chain();
  graph.inputs.push_back(graph.inputs[0]);
  EXPECT_THAT(error_of(graph), HasSubstr("an input defines 'x', which is defined already"));
  graph = chain();
  graph.value(graph.find("y")).constant = Tensor::scalar(1.0f);
  EXPECT_THAT(error_of(graph), HasSubstr("Relu 'r' defines 'y', which is defined already"));
  graph = chain();
  graph.erase_node(NodeId{0});
  EXPECT_EQ(error_of(graph), "graph 'g': an output uses 'y', which nothing defines");
  graph = chain();
  graph.value(graph.find("x")).producer = NodeId{0};
  EXPECT_THAT(error_of(graph), HasSubstr("'x' names a producer that does not make it"));
}

TEST(Verify, NamesAreUnique) {
  Graph graph = chain();
  graph.value(graph.find("x")).name = "y";
  EXPECT_EQ(error_of(graph), "graph 'g': two values bear the name 'y'");
}

TEST(Verify, ConstantsAreOfTheTypeOfTheirValue) {
  EXPECT_THAT(error_of(R"(graph "g" { input x: f32[3] = f32[2]{1, 2} })"),
              HasSubstr("constant 'x': expected type f32[3], got f32[2]"));
}

TEST(Verify, NoCycles) {
  EXPECT_EQ(error_of(R"(graph "g" { a: ? = Relu "one"(b)  b: ? = Relu "two"(a)  output b })"),
            "graph 'g': Relu 'one' is part of a cycle");
  EXPECT_THAT(error_of(R"(graph "g" { a: ? = Loop(){b=graph "n" { capture p: ? = a output p }} output a })"),
              HasSubstr("is part of a cycle"));
}

TEST(Verify, CapturesBelongToNestedGraphs) {
  Graph graph = chain();
  graph.captures.push_back({ValueId{0}, graph.add_value("p")});
  EXPECT_EQ(error_of(graph), "graph 'g': only a nested graph can capture");
  graph = parse_graph(R"(graph "g" { input x: ?
    y: ? = If(x) {then_branch=graph "t" { capture p: ? = x  output p }}  output y })");
  for_each_subgraph(graph.node(NodeId{0}), [](Graph& nested) { nested.captures[0].outer = ValueId{9}; });
  EXPECT_EQ(error_of(graph), "graph 'g': If refers to value 9 of 2");
}

TEST(Verify, NestedGraphsKeepTheSameRules) {
  EXPECT_EQ(error_of(R"(graph "g" { y: ? = If() {then_branch=graph "t" { a: ? = Relu(a) }} })"),
            "graph 't': Relu is part of a cycle");
}

TEST(Verify, FunctionsAreSound) {
  EXPECT_THAT(error_of(R"(graph "g" { y: ? = Foo() {a=@b} })"), HasSubstr("a reference outside a function"));
  EXPECT_THAT(error_of(R"(graph "g" { function d::F() graph "F" { y: ? = Foo() {a=@b} } })"),
              HasSubstr("refers to 'b', which the function does not have"));
  EXPECT_THAT(error_of(R"(graph "g" { function d::F() graph "F" { }  function d::F() graph "F" { } })"),
              HasSubstr("function d::F is defined twice"));
  EXPECT_THAT(error_of(R"(graph "g" {
    function d::F() graph "F" { y: ? = d::G() output y }
    function d::G() graph "G" { y: ? = d::F() output y } })"),
              HasSubstr("function d::F calls itself"));
}

}  // namespace
}  // namespace atlas
