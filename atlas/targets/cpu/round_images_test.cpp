// Which values of a graph become bfloat16.
#include <gtest/gtest.h>

#include <set>
#include <string>

#include "atlas/graph/text_parser.h"
#include "atlas/graph/verify.h"
#include "atlas/ops/infer.h"
#include "atlas/ops/interpreter.h"
#include "atlas/targets/cpu/lowering.h"
#include "atlas/targets/cpu/rewrite_testing.h"
#include "atlas/tensor/elements.h"

namespace atlas::cpu {
namespace {

const OpRegistry& registry() {
  static const OpRegistry ops = standard_ops();
  return ops;
}

// The operators whose results are bfloat16, once the graph is lowered for it.
std::multiset<std::string> rounded_by_lowering(Graph graph, const std::vector<Datum>& inputs) {
  infer_types(graph, registry());
  const std::vector<double> want = to_doubles(interpret(graph, registry(), inputs)[0].tensor());
  graph = lower(std::move(graph), registry(), Precision::Bf16);
  verify(graph);
  infer_types(graph, registry());
  const std::vector<double> got = to_doubles(interpret(graph, registry(), inputs)[0].tensor());
  double largest = 0, difference = 0;
  for (std::size_t i = 0; i < want.size(); ++i) {
    largest = std::max(largest, std::abs(want[i]));
    difference = std::max(difference, std::abs(got[i] - want[i]));
  }
  EXPECT_LT(difference, largest / 50);
  std::multiset<std::string> ops;
  for (const NodeId id : graph.order())
    for (const ValueId output : graph.node(id).outputs)
      if (graph.value(output).type.dtype == DType::BF16) ops.insert(graph.node(id).op);
  return ops;
}

// `body` computes y from x: f32[1,32,5,6] with weights w: [32,32,1,1] and d: [32,1,3,3].
std::multiset<std::string> rounded(const std::string& body) {
  Graph graph =
      parse_graph("graph \"g\" { input x: f32[1,32,5,6] input w: f32[32,32,1,1] input d: f32[32,1,3,3] " +
                  body + " output y }");
  for (const auto& [name, shape] :
       {std::pair("w", Shape{32, 32, 1, 1}), std::pair("d", Shape{32, 1, 3, 3})}) {
    const ValueId id = graph.find(name);
    graph.value(id).constant = counted(shape, 0.1f);
    std::erase(graph.inputs, id);
  }
  return rounded_by_lowering(std::move(graph), {counted({1, 32, 5, 6}, 1)});
}

using Ops = std::multiset<std::string>;

TEST(RoundImages, BetweenConvolutions) {
  EXPECT_EQ(rounded("a: ? = Conv(x, w) b: ? = Conv(a, w) c: ? = Relu(b) y: ? = Conv(c, w)"),
            (Ops{"BlockedConv", "BlockedConv"}));
  EXPECT_EQ(rounded("y: ? = Conv(x, w)"), Ops{});
}

TEST(RoundImages, OfSumsThatAConvolutionTakesUp) {
  EXPECT_EQ(rounded("a: ? = Conv(x, w) b: ? = Conv(a, w) c: ? = Add(b, a) y: ? = Conv(c, w)"),
            (Ops{"BlockedConv", "BlockedConv"}));
}

TEST(RoundImages, ThatArePutTogetherAndTakenApart) {
  const std::string put =
      "const n = i64[2]{32,32} a: ? = Conv(x, w) b: ? = Conv(a, w) c: ? = Concat(a, b) {axis=1} "
      "e: ?, f: ? = Split(c, n) {axis=1} g: ? = Conv(e, w) ";
  EXPECT_EQ(rounded(put + "h: ? = Conv(f, w) y: ? = Add(g, h)"),
            (Ops{"BlockedConv", "BlockedConv", "BlockedConv", "Concat", "Split", "Split"}));
  // One of the parts is read by another operator: all stay what they were.
  EXPECT_EQ(rounded(put + "h: ? = Sin(f) y: ? = Add(g, h)"), Ops{});
}

TEST(RoundImages, ThatArePooledResizedAndAdded) {
  EXPECT_EQ(rounded("const s = f32[4]{1,1,2,2} a: ? = Conv(x, w) p: ? = MaxPool(a) {kernel_shape=[2, 2]} "
                    "b: ? = Conv(p, w) r: ? = Resize(b, _, s) {mode=\"linear\"} y: ? = Conv(r, w)"),
            (Ops{"BlockedConv", "BlockedConv", "BlockedMaxPool", "Resize"}));
  EXPECT_EQ(rounded("a: ? = Conv(x, w) b: ? = Relu(a) c: ? = Add(a, b) m: ? = GlobalAveragePool(c) "
                    "f: ? = Mul(c, m) e: ? = Add(f, a) y: ? = Conv(e, w)"),
            (Ops{"Add", "Add", "BlockedConv", "Mul", "ReduceMean", "Relu"}));
}

TEST(RoundImages, ThatAreConvolvedChannelByChannel) {
  EXPECT_EQ(rounded("a: ? = Conv(x, w) p: ? = MaxPool(a) {kernel_shape=[1, 1]} "
                    "b: ? = Conv(p, d) {group=32, pads=[1,1,1,1]} y: ? = Conv(b, w)"),
            (Ops{"BlockedConv", "BlockedConv", "BlockedMaxPool"}));
  // Its products are of f32, and so is what it adds.
  EXPECT_EQ(rounded("a: ? = Conv(x, w) p: ? = MaxPool(a) {kernel_shape=[1, 1]} "
                    "c: ? = Conv(p, d) {group=32, pads=[1,1,1,1]} e: ? = Add(c, a) y: ? = Conv(e, w)"),
            Ops{"BlockedConv"});
}

TEST(RoundImages, NotThoseThatOthersRead) {
  EXPECT_EQ(rounded("a: ? = Conv(x, w) b: ? = Conv(a, w) c: ? = Sin(a) y: ? = Add(b, c)"), Ops{});
}

TEST(RoundImages, OfPairs) {
  EXPECT_EQ(rounded("a: ? = Conv(x, w) b: ? = Conv(a, w) c: ? = Conv(b, d) {group=32, pads=[1,1,1,1]} "
                    "y: ? = Conv(c, w)"),
            (Ops{"BlockedConv", "BlockedConvPair"}));
}

// Of products with constant matrices v: [32,32].
std::multiset<std::string> rounded_products(const std::string& body) {
  Graph graph = parse_graph("graph \"g\" { input x: f32[7,32] input v: f32[32,32] " + body + " output y }");
  const ValueId id = graph.find("v");
  graph.value(id).constant = counted({32, 32}, 0.1f);
  std::erase(graph.inputs, id);
  return rounded_by_lowering(std::move(graph), {counted({7, 32}, 1)});
}

TEST(RoundProducts, WhatOnlyProductsRead) {
  EXPECT_EQ(rounded_products("a: ? = MatMul(x, v) r: ? = Relu(a) b: ? = MatMul(r, v) y: ? = Relu(b)"),
            Ops{"Linear"});
  // A result, a residual, and what another operator reads, stay f32.
  EXPECT_EQ(rounded_products("a: ? = MatMul(x, v) r: ? = Relu(a) b: ? = MatMul(r, v) y: ? = Add(b, r)"),
            Ops{});
  EXPECT_EQ(
      rounded_products("a: ? = MatMul(x, v) r: ? = Relu(a) b: ? = MatMul(r, v) c: ? = Relu(b) d: ? = Sin(r) "
                       "y: ? = Add(c, d)"),
      Ops{});
}

}  // namespace
}  // namespace atlas::cpu
