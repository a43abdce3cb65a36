// Graph text in, the operators that are left out; the rewritten graph gives what the graph gave.
#include <gtest/gtest.h>

#include "atlas/graph/text_parser.h"
#include "atlas/targets/cpu/blocked_layout.h"
#include "atlas/targets/cpu/lowering.h"
#include "atlas/targets/cpu/rewrite_testing.h"

namespace atlas::cpu {
namespace {

// `body` computes y from p, a pooled convolution of x: f32[2,20,5,6], with weights w: [20,20,3,3] and
// statistics s and v.
std::string joined(const std::string& body) {
  const OpRegistry ops = standard_ops();
  Graph graph = parse_graph(
      "graph \"g\" { input x: f32[2,20,5,6] input w: f32[20,20,3,3] "
      "const s = f32[20]{1,2,-3,4,5,6,7,-8,9,10,1,2,3,4,5,6,7,8,9,10} "
      "const v = f32[20]{1,2,1,2,1,2,1,2,1,2,3,4,3,4,3,4,3,4,3,4} "
      "c: ? = Conv(x, w) {pads=[1,1,1,1]} p: ? = MaxPool(c) {kernel_shape=[2, 2]} " +
      body + " output y }");
  const ValueId weights = graph.find("w");
  graph.value(weights).constant = counted({20, 20, 3, 3}, 0.1f);
  std::erase(graph.inputs, weights);
  infer_types(graph, ops);
  check_rewrite(graph, ops, {counted({2, 20, 5, 6}, 1)},
                [&] {
                  assign_blocked_layout(graph, ops);
                  infer_types(graph, ops);
                  join_normalizations(graph, ops);
                },
                {1e-2, 1e-4});
  std::string out;
  for (const NodeId id : graph.order()) out += (out.empty() ? "" : " ") + graph.node(id).op;
  return out;
}

const std::string kOthers = "BlockChannels BlockedConv BlockedMaxPool ";

TEST(JoinNormalizations, BeforeTheirOnlyReader) {
  const std::string norm = "n: ? = BatchNormalization(p, s, v, s, v) ";
  EXPECT_EQ(joined(norm + "y: ? = Conv(n, w) {pads=[1,1,1,1]}"), kOthers + "BlockedConv UnblockChannels");
  EXPECT_EQ(joined(norm + "r: ? = Relu(n) y: ? = Conv(r, w) {pads=[1,1,1,1]}"),
            kOthers + "BlockedConv UnblockChannels");
  EXPECT_EQ(joined(norm + "a: ? = Conv(n, w) {pads=[1,1,1,1]} y: ? = Add(a, n)"),
            kOthers + "BlockedConv BlockedConv Add UnblockChannels");
  // Another activation than Relu, and a convolution that is no product with all channels.
  EXPECT_EQ(joined(norm + "r: ? = Tanh(n) y: ? = Conv(r, w)"),
            kOthers + "BlockedConv Tanh BlockedConv UnblockChannels");
  EXPECT_EQ(joined(norm + "y: ? = BatchNormalization(n, s, v, s, v)"),
            kOthers + "BlockedConv BlockedConv UnblockChannels");
}

}  // namespace
}  // namespace atlas::cpu
