// Graph text in, the operators that are left out.
#include <gtest/gtest.h>

#include <algorithm>

#include "atlas/graph/text_parser.h"
#include "atlas/graph/verify.h"
#include "atlas/ops/infer.h"
#include "atlas/targets/cpu/lowering.h"

namespace atlas::cpu {
namespace {

const std::string kLevels = R"(graph "g" {
    input x: u8[1,2,4,4]
    input z: u8[1,2,4,4]
    input m: u8[3,4]
    const s = f32[]{0.1}
    const t = f32[]{0.2}
    const zero = u8[]{0}
    const ten = u8[]{10}
    const w = i8[1,2,1,1]{2, -3}
    const ws = f32[1]{0.05}
    const wz = i8[1]{0}
    const b = f32[1]{1.5}
    const v = i8[4,2]{1, 2, 3, 4, 5, 6, 7, 8}
    const vs = f32[2]{0.05, 0.06}
    const vz = i8[2]{0, 1}
    const c = f32[2]{1, 2}
    dx: ? = DequantizeLinear(x, s, ten)
    dz: ? = DequantizeLinear(z, s, ten)
    dm: ? = DequantizeLinear(m, s, ten)
    dw: ? = DequantizeLinear(w, ws, wz) {axis=0}
    dv: ? = DequantizeLinear(v, vs, vz) {axis=1}
    )";

using Lowering = void (*)(Graph&);

void quantized(Graph& graph) {
  lower_quantized(graph, standard_ops());
}

// Operators in order, of what the outputs need.
std::string lowered(const std::string& text, Lowering lower = quantized) {
  Graph graph = parse_graph(text);
  infer_types(graph, standard_ops());
  lower(graph);
  for (bool changed = true; changed;) {
    changed = false;
    const std::vector<std::vector<NodeId>> users = graph.consumers();
    for (const NodeId id : graph.order()) {
      const ValueId out = graph.node(id).outputs[0];
      if (!users[index(out)].empty() || std::ranges::find(graph.outputs, out) != graph.outputs.end())
        continue;
      graph.erase_node(id);
      changed = true;
    }
  }
  graph.compact();
  verify(graph);
  infer_types(graph, standard_ops());
  std::string out;
  for (const NodeId id : graph.order()) out += (out.empty() ? "" : " ") + graph.node(id).op;
  return out;
}

TEST(LowerQuantized, Convolution) {
  EXPECT_EQ(lowered(kLevels + R"(a: ? = Conv(dx, dw, b)
    y: ? = QuantizeLinear(a, t, zero)
    output y })"),
            "QLinearConv");
  EXPECT_EQ(lowered(kLevels + R"(a: ? = Conv(dx, dw)
    output a })"),
            "DequantizeLinear Conv");
}

TEST(LowerQuantized, ActivationsThatTheLimitsDo) {
  const std::string head = kLevels + R"(const low = f32[]{0}
    const high = f32[]{51}
    const six = f32[]{6}
    a: ? = Conv(dx, dw)
    )";
  EXPECT_EQ(lowered(head + "r: ? = Relu(a) y: ? = QuantizeLinear(r, t, zero) output y }"), "QLinearConv");
  EXPECT_EQ(lowered(head + "r: ? = Relu(a) y: ? = QuantizeLinear(r, t, ten) output y }"),
            "DequantizeLinear Conv Relu QuantizeLinear");
  EXPECT_EQ(lowered(head + "r: ? = Clip(a, low, high) y: ? = QuantizeLinear(r, t, zero) output y }"),
            "QLinearConv");
  EXPECT_EQ(lowered(head + "r: ? = Clip(a, low, six) y: ? = QuantizeLinear(r, t, zero) output y }"),
            "DequantizeLinear Conv Clip QuantizeLinear");
}

TEST(LowerQuantized, Products) {
  EXPECT_EQ(lowered(kLevels + "a: ? = MatMul(dm, dv) y: ? = QuantizeLinear(a, t, zero) output y }"),
            "QLinearMatMul");
  EXPECT_EQ(lowered(kLevels + "a: ? = MatMul(dm, dv) output a }"), "MatMulIntegerToFloat");
  EXPECT_EQ(lowered(kLevels + "a: ? = Gemm(dm, dv, c) y: ? = QuantizeLinear(a, t, zero) output y }"),
            "QGemm");
  EXPECT_EQ(lowered(kLevels + "a: ? = Gemm(dm, dv, c) output a }"), "QGemm");
  EXPECT_EQ(lowered(kLevels + "a: ? = Gemm(dm, dv, c) {alpha=0.5} output a }"),
            "DequantizeLinear DequantizeLinear Gemm");
}

TEST(LowerQuantized, Sums) {
  EXPECT_EQ(
      lowered(kLevels + "a: ? = Add(dx, dz) r: ? = Relu(a) y: ? = QuantizeLinear(r, t, zero) output y }"),
      "QLinearAdd");
}

TEST(LowerQuantized, WhatMovesLevelsOfOneScale) {
  EXPECT_EQ(lowered(kLevels + R"(a: ? = MaxPool(dx) {kernel_shape=[2, 2]}
    y: ? = QuantizeLinear(a, s, ten)
    output y })"),
            "MaxPool");
  EXPECT_EQ(lowered(kLevels + "a: ? = Concat(dx, dz) {axis=1} y: ? = QuantizeLinear(a, s, ten) output y }"),
            "Concat");
  EXPECT_EQ(lowered(kLevels + "a: ? = Concat(dx, dz) {axis=1} y: ? = QuantizeLinear(a, t, ten) output y }"),
            "DequantizeLinear DequantizeLinear Concat QuantizeLinear");
}

TEST(LowerQuantized, LeavesWhatOthersSee) {
  EXPECT_EQ(lowered(kLevels + R"(a: ? = Conv(dx, dw)
    y: ? = QuantizeLinear(a, t, zero)
    output a
    output y })"),
            "DequantizeLinear Conv QuantizeLinear");
}

TEST(PlaceChannelsLast, BetweenConvolutions) {
  EXPECT_EQ(lowered(R"(graph "g" {
    input x: u8[1,2,4,4]
    const s = f32[]{0.1}
    const z = u8[]{0}
    const w = i8[2,2,1,1]{1, 2, 3, 4}
    const wz = i8[]{0}
    a: ? = QLinearConv(x, s, z, w, s, wz, s, z)
    b: ? = MaxPool(a) {kernel_shape=[2, 2], pads=[1, 1, 0, 0]}
    c: ? = com.microsoft::QLinearAdd(a, s, z, b, s, z, s, z)
    d: ? = Concat(b, c) {axis=1}
    y: ? = QLinearMatMul(d, s, z, d, s, z, s, z)
    output y
    output b })",
                    place_channels_last),
            "Transpose QLinearConv NhwcMaxPool QLinearAdd Concat Transpose Transpose QLinearMatMul");
}

TEST(FuseIntegerProducts, TakesScalesAndBias) {
  const std::string head = R"(graph "g" {
    input x: f32[3,4]
    const w = i8[4,2]{1, 2, 3, 4, 5, 6, 7, 8}
    const ws = f32[2]{0.1, 0.2}
    const b = f32[2]{1, 2}
    const three = f32[3,1]{1, 2, 3}
    q: ?, s: ?, z: ? = DynamicQuantizeLinear(x)
    p: ? = MatMulInteger(q, w, z)
    f: ? = Cast(p) {to=1}
    t: ? = Mul(s, ws)
    m: ? = Mul(f, t)
    )";
  EXPECT_EQ(lowered(head + "y: ? = Add(b, m) output y }", fuse_integer_products),
            "DynamicQuantizeLinear MatMulIntegerToFloat");
  EXPECT_EQ(lowered(head + "y: ? = Add(three, m) output y }", fuse_integer_products),
            "DynamicQuantizeLinear MatMulIntegerToFloat Add");
  EXPECT_EQ(lowered(head + "output m output p }", fuse_integer_products),
            "DynamicQuantizeLinear MatMulInteger Cast Mul Mul");
}

}  // namespace
}  // namespace atlas::cpu
