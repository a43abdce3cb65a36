// Graph text in, the operators that are left out.
#include <gtest/gtest.h>

#include "atlas/graph/text_parser.h"
#include "atlas/graph/text_writer.h"
#include "atlas/graph/verify.h"
#include "atlas/ops/infer.h"
#include "atlas/targets/cpu/lowering.h"

namespace atlas::cpu {
namespace {

std::string lowered(const std::string& text) {
  Graph graph = parse_graph(text);
  infer_types(graph, standard_ops());
  fuse_epilogues(graph);
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

TEST(FuseEpilogues, TakesResidualAndActivation) {
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

TEST(FuseEpilogues, TakesBoundsOfClip) {
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

TEST(FuseEpilogues, LeavesWhatOthersSee) {
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

TEST(FuseEpilogues, ProductsTakeBiasResidualAndActivation) {
  EXPECT_EQ(lowered(R"(graph "g" {
    input x: f32[1,5,2]
    input z: f32[1,5,3]
    const w = f32[2,3]{1,2,3,4,5,6}
    const b = f32[3]{1,2,3}
    a: ? = MatMul(x, w)
    c: ? = Add(b, a)
    d: ? = Add(z, c)
    y: ? = Gelu(d)
    output y })"),
            "Linear+Gelu+residual");
  EXPECT_EQ(lowered(R"(graph "g" {
    input x: f32[5,2]
    const w = f32[3,2]{1,2,3,4,5,6}
    const b = f32[3]{1,2,3}
    a: ? = Gemm(x, w, b) {transB=1}
    y: ? = Gelu(a) {approximate="tanh"}
    output y })"),
            "Linear+FastGelu");
}

TEST(FuseEpilogues, ProductsTakeTheReshapesAroundThem) {
  const std::string head = R"(graph "g" {
    input x: f32[1,5,2]
    const w = f32[2,3]{1,2,3,4,5,6}
    const flat = i64[2]{-1,2}
    const full = i64[3]{1,5,3}
    const other = i64[3]{5,1,3}
    a: ? = Reshape(x, flat)
    c: ? = Gemm(a, w)
    )";
  EXPECT_EQ(lowered(head + "d: ? = Reshape(c, full) y: ? = Relu(d) output y }"), "Reshape Linear+Relu");
  // To another shape than before.
  EXPECT_EQ(lowered(head + "d: ? = Reshape(c, other) y: ? = Relu(d) output y }"),
            "Reshape Reshape Linear+Relu");
}

TEST(FuseEpilogues, LeavesProductsWhoseRightSideOrBiasDoesNotFit) {
  EXPECT_EQ(lowered(R"(graph "g" {
    input x: f32[5,2]
    input w: f32[2,3]
    a: ? = MatMul(x, w)
    y: ? = Relu(a)
    output y })"),
            "MatMul Relu");
  EXPECT_EQ(lowered(R"(graph "g" {
    input x: f32[5,2]
    const w = f32[2,3]{1,2,3,4,5,6}
    const b = f32[5,1]{1,2,3,4,5}
    a: ? = MatMul(x, w)
    y: ? = Add(a, b)
    output y })"),
            "MatMul Add");
}

}  // namespace
}  // namespace atlas::cpu
