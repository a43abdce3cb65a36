// Which transpositions are views, by the types of graphs in text.
#include <gtest/gtest.h>

#include "atlas/graph/text_parser.h"
#include "atlas/ops/infer.h"
#include "atlas/ops/ops.h"
#include "atlas/targets/cpu/kernel_table.h"

namespace atlas::cpu {
namespace {

bool is_view(const std::string& type, const std::string& attributes) {
  const OpRegistry ops = standard_ops();
  Graph graph = parse_graph("graph \"g\" { input x: " + type + "\n y: ? = Transpose(x) " + attributes +
                            "\n output y }");
  infer_types(graph, ops);
  const Node& node = graph.node(graph.order()[0]);
  const KernelChoice choice = choose_kernel(NodeView(graph, node, ops.at(node)));
  return choice.kernel != nullptr && choice.sharing == Sharing::View;
}

TEST(ViewKernels, TranspositionsThatMoveOnlyAxesOfOne) {
  EXPECT_TRUE(is_view("f32[197,1,12,64]", "{perm=[1,0,2,3]}"));
  EXPECT_TRUE(is_view("f32[1,7,1,1]", "{perm=[2,3,0,1]}"));
  EXPECT_TRUE(is_view("f32[n,1]", ""));
  EXPECT_TRUE(is_view("i64[n,m]", "{perm=[0,1]}"));
  EXPECT_TRUE(is_view("f32[]", ""));
  EXPECT_FALSE(is_view("f32[2,3]", ""));
  EXPECT_FALSE(is_view("f32[n,3,1]", "{perm=[1,0,2]}"));
  EXPECT_FALSE(is_view("f32[1,12,197,64]", "{perm=[0,2,1,3]}"));
}

}  // namespace
}  // namespace atlas::cpu
