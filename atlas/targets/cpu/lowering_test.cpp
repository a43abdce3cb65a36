// Graph text in, the operators that are left out.
#include "atlas/targets/cpu/lowering.h"

#include <gtest/gtest.h>

#include "atlas/graph/text_parser.h"
#include "atlas/graph/text_writer.h"
#include "atlas/graph/verify.h"
#include "atlas/ops/infer.h"

namespace atlas::cpu {
namespace {

std::string lowered(const std::string& text) {
  Graph graph = parse_graph(text);
  infer_types(graph, standard_ops());
  fuse_convolutions(graph);
  graph.compact();
  verify(graph);
  std::string out;
  for (const NodeId id : graph.order()) {
    const Node& node = graph.node(id);
    out += (out.empty() ? "" : " ") + node.op;
    const std::string activation = node.attributes.string("activation", "");
    if (!activation.empty()) out += "+" + activation;
    if (node.inputs.size() == 4 && node.inputs[3] != ValueId::None) out += "+residual";
  }
  return out;
}

TEST(FuseConvolutions, TakesResidualAndActivation) {
  EXPECT_EQ(lowered(R"(graph "g" {
    input x: f32[1,1,4,4]
    input z: f32[1,1,4,4]
    const w = f32[1,1,1,1]{2}
    a: ? = Conv(x, w)
    b: ? = Add(z, a)
    y: ? = Relu(b)
    output y })"),
            "FusedConv+Relu+residual");
}

TEST(FuseConvolutions, TakesBoundsOfClip) {
  const std::string head = R"(graph "g" {
    input x: f32[1,1,4,4]
    const w = f32[1,1,1,1]{2}
    const low = f32[]{0}
    input high: f32[]
    const six = f32[]{6}
    a: ? = Conv(x, w)
    )";
  EXPECT_EQ(lowered(head + "y: ? = Clip(a, low, six) output y }"), "FusedConv+Clip");
  EXPECT_EQ(lowered(head + "y: ? = Clip(a, low, high) output y }"), "Conv Clip");
}

TEST(FuseConvolutions, LeavesWhatOthersSee) {
  EXPECT_EQ(lowered(R"(graph "g" {
    input x: f32[1,1,4,4]
    const w = f32[1,1,1,1]{2}
    a: ? = Conv(x, w)
    y: ? = Relu(a)
    output a
    output y })"),
            "Conv Relu");
  EXPECT_EQ(lowered(R"(graph "g" {
    input x: f32[1,1,4,4]
    input z: f32[4]
    const w = f32[1,1,1,1]{2}
    a: ? = Conv(x, w)
    y: ? = Add(a, z)
    output y })"),
            "Conv Add");
}

}  // namespace
}  // namespace atlas::cpu
