// Graph text in, the operators that are left out; the rewritten graph gives what the graph gave.
#include "atlas/targets/cpu/blocked_layout.h"

#include <gtest/gtest.h>

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

// `body` computes y from x: f32[1,20,5,6]; weights w24: [24,20,3,3], w20: [20,20,1,1], d20: [20,1,3,3].
std::string assigned(const std::string& body, Precision precision = Precision::F32) {
  Graph graph = parse_graph(
      "graph \"g\" { input x: f32[1,20,5,6] input w24: f32[24,20,3,3] "
      "input w20: f32[20,20,1,1] input d20: f32[20,1,3,3] "
      "input t9: f32[20,9,2,2] input t1: f32[20,1,2,2] "
      "input w8: f32[8,20,1,1] input w9: f32[9,8,1,1] input w2: f32[2,20,1,1] " +
      body + " output y }");
  std::vector<Datum> inputs = {counted({1, 20, 5, 6}, 1)};
  const auto make_constant = [&](const char* name, const Shape& shape) {
    const ValueId id = graph.find(name);
    graph.value(id).constant = counted(shape, 0.1f);
    std::erase(graph.inputs, id);
  };
  make_constant("w24", {24, 20, 3, 3});
  make_constant("w20", {20, 20, 1, 1});
  make_constant("d20", {20, 1, 3, 3});
  make_constant("w8", {8, 20, 1, 1});
  make_constant("w9", {9, 8, 1, 1});
  make_constant("w2", {2, 20, 1, 1});
  make_constant("t9", {20, 9, 2, 2});
  make_constant("t1", {20, 1, 2, 2});
  infer_types(graph, registry());
  const std::vector<Datum> want = interpret(graph, registry(), inputs);
  assign_blocked_layout(graph, registry(), precision);
  pair_convolutions(graph);
  verify(graph);
  infer_types(graph, registry());
  const std::vector<Datum> got = interpret(graph, registry(), inputs);
  EXPECT_EQ(text(got[0]), text(want[0]));
  const std::vector<double> a = to_doubles(got[0].tensor()), b = to_doubles(want[0].tensor());
  for (std::size_t i = 0; i < b.size(); ++i) EXPECT_NEAR(a[i], b[i], 1e-4 * (1 + std::abs(b[i])));
  std::string out;
  for (const NodeId id : graph.order()) out += (out.empty() ? "" : " ") + graph.node(id).op;
  return out;
}

TEST(BlockedLayout, KeepsChainsOfConvolutionsInBlocks) {
  EXPECT_EQ(assigned("a: ? = Conv(x, w24) {pads=[1, 1, 1, 1]} b: ? = Relu(a) "
                     "c: ? = MaxPool(b) {kernel_shape=[2, 2]} y: ? = GlobalAveragePool(c)"),
            "BlockChannels BlockedConv BlockedMaxPool ReduceMean UnblockChannels");
  EXPECT_EQ(assigned("a: ? = Conv(x, d20) {group=20, pads=[1, 1, 1, 1]} y: ? = Conv(a, w24)"),
            "BlockChannels BlockedConv BlockedConv UnblockChannels");
}

TEST(BlockedLayout, PairsConvolutionsWithDepthwiseOnes) {
  const std::string depthwise =
      "d: ? = Conv(b, d20) {group=20, pads=[1, 1, 1, 1], strides=[2, 2]} y: ? = Clip(d) ";
  EXPECT_EQ(assigned("a: ? = Conv(x, w20) b: ? = HardSwish(a) " + depthwise),
            "BlockChannels BlockedConv HardSwish BlockedConv Clip UnblockChannels");
  EXPECT_EQ(assigned("b: ? = Conv(x, w20) " + depthwise),
            "BlockChannels BlockedConvPair Clip UnblockChannels");
  // What others see, or what is no product of pixels, stays.
  EXPECT_EQ(assigned("b: ? = Conv(x, w20) " + depthwise + "output b"),
            "BlockChannels BlockedConv BlockedConv Clip UnblockChannels UnblockChannels");
  EXPECT_EQ(assigned("b: ? = Conv(x, w20) {strides=[2, 2]} " + depthwise),
            "BlockChannels BlockedConv BlockedConv Clip UnblockChannels");
}

TEST(BlockedLayout, TakesOperandsOfAnyKind) {
  // A number, a value for each channel, an image made in blocks, one moved there, one pixel.
  EXPECT_EQ(assigned("const two = f32[1]{2} "
                     "const each = f32[20,1,1]{1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16,17,18,19,20} "
                     "a: ? = Conv(x, w20) b: ? = Mul(a, two) c: ? = Add(each, b) d: ? = Mul(c, a) "
                     "e: ? = Add(d, x) p: ? = GlobalAveragePool(x) y: ? = Mul(e, p)"),
            "GlobalAveragePool BlockChannels BlockedConv Mul Add Mul Add BlockChannels Mul UnblockChannels");
}

TEST(BlockedLayout, NormalizesByConvolutionsOfPixels) {
  const std::string statistics =
      "const s = f32[20]{1,2,3,4,5,6,7,8,9,10,1,2,3,4,5,6,7,8,9,10} "
      "const v = f32[20]{1,2,1,2,1,2,1,2,1,2,3,4,3,4,3,4,3,4,3,4} ";
  EXPECT_EQ(
      assigned(statistics + "a: ? = Conv(x, w20) n: ? = BatchNormalization(a, s, v, s, v) y: ? = Relu(n)"),
      "BlockChannels BlockedConvPair UnblockChannels");
  EXPECT_EQ(
      assigned(statistics + "a: ? = Conv(x, w20) n: ? = BatchNormalization(a, s, v, s, v) b: ? = Relu(n) "
                            "y: ? = Add(n, b)"),
      "BlockChannels BlockedConvPair Relu Add UnblockChannels");
}

TEST(BlockedLayout, ScalesChannelsInTheConvolutionBehind) {
  EXPECT_EQ(assigned("a: ? = Conv(x, w20) p: ? = GlobalAveragePool(a) s: ? = Sigmoid(p) m: ? = Mul(a, s) "
                     "y: ? = Conv(m, w20)"),
            "BlockChannels BlockedConv ReduceMean Sigmoid BlockedConv UnblockChannels");
  EXPECT_EQ(assigned("a: ? = Conv(x, w20) p: ? = GlobalAveragePool(a) s: ? = Sigmoid(p) m: ? = Mul(a, s) "
                     "c: ? = Conv(m, w20) y: ? = Add(c, m)"),
            "BlockChannels BlockedConv ReduceMean Sigmoid Mul BlockedConv Add UnblockChannels");
}

TEST(BlockedLayout, MakesFewChannelsWhereThatIsFast) {
  const std::string body = "a: ? = Conv(x, w20) b: ? = Conv(a, w2) y: ? = Relu(b)";
  EXPECT_EQ(assigned(body), "BlockChannels BlockedConv UnblockChannels Conv Relu");
  EXPECT_EQ(assigned(body, Precision::Bf16), "BlockChannels BlockedConv BlockedConv UnblockChannels");
}

TEST(BlockedLayout, ReadsFewChannelsWhereTheyLie) {
  EXPECT_EQ(assigned("a: ? = Conv(x, w8) y: ? = Conv(a, w9)"),
            "BlockChannels BlockedConv BlockedConv UnblockChannels");
}

TEST(BlockedLayout, JoinsWholeBlocks) {
  EXPECT_EQ(assigned("const s = f32[4]{1,1,2,2} const i = i64[1]{0} const j = i64[1]{16} const k = i64[1]{1} "
                     "m: ? = Slice(x, i, j, k) "  // 16 channels
                     "a: ? = Conv(x, w20) u: ? = Relu(a) c: ? = Concat(m, u) {axis=1} "
                     "y: ? = Resize(c, _, s) {mode=\"nearest\"}"),
            "Slice BlockChannels BlockedConv BlockChannels Concat Resize UnblockChannels");
  EXPECT_EQ(
      assigned("const s = i64[4]{1,20,7,11} a: ? = Conv(x, w20) y: ? = Resize(a, _, _, s) {mode=\"linear\"}"),
      "BlockChannels BlockedConv Resize UnblockChannels");
  EXPECT_EQ(
      assigned("const s = i64[4]{1,10,7,11} a: ? = Conv(x, w20) y: ? = Resize(a, _, _, s) {mode=\"linear\"}"),
      "BlockChannels BlockedConv UnblockChannels Resize");
  // 20 channels leave a gap before the next 20.
  EXPECT_EQ(assigned("a: ? = Conv(x, w20) y: ? = Concat(a, x) {axis=1}"),
            "BlockChannels BlockedConv BlockedConcat UnblockChannels");
}

TEST(BlockedLayout, SplitsIntoWholeBlocks) {
  const std::string head = "a: ? = Conv(x, w20) ";
  const auto slice = [&](const std::string& begin, const std::string& end) {
    return assigned(head + "const b = i64[1]{" + begin + "} const e = i64[1]{" + end +
                    "} const one = i64[1]{1} y: ? = Slice(a, b, e, one)");
  };
  EXPECT_EQ(slice("0", "16"), "BlockChannels BlockedConv Slice UnblockChannels");
  EXPECT_EQ(slice("16", "9000"), "BlockChannels BlockedConv Slice UnblockChannels");
  EXPECT_EQ(slice("4", "20"), "BlockChannels BlockedConv UnblockChannels Slice");
  EXPECT_EQ(assigned(head + "const n = i64[2]{16,4} p: ?, q: ? = Split(a, n) {axis=1} r: ? = Relu(p) "
                            "y: ? = Concat(q, r) {axis=1}"),
            "BlockChannels BlockedConv Split Relu BlockedConcat UnblockChannels");
  EXPECT_EQ(assigned(head + "const n = i64[2]{4,16} p: ?, q: ? = Split(a, n) {axis=1} r: ? = Relu(p) "
                            "y: ? = Concat(q, r) {axis=1}"),
            "BlockChannels BlockedConv UnblockChannels Split Relu Concat");
}

TEST(BlockedLayout, ConvolvesThePixelsOfWindowsThatDoNotOverlap) {
  // t9: f32[20,9,2,2] fills blocks, t1: f32[20,1,2,2] leaves them.
  EXPECT_EQ(assigned("const b = f32[9]{1,2,3,4,5,6,7,8,9} a: ? = Conv(x, w20) "
                     "t: ? = ConvTranspose(a, t9, b) {strides=[2, 2]} y: ? = Relu(t)"),
            "BlockChannels BlockedConv BlockedConv BlockedDepthToSpace UnblockChannels");
  EXPECT_EQ(assigned("a: ? = Conv(x, w20) y: ? = ConvTranspose(a, t1) {strides=[2, 2]}"),
            "BlockChannels BlockedConv BlockedConv UnblockChannels DepthToSpace");
  EXPECT_EQ(assigned("a: ? = Conv(x, w20) y: ? = ConvTranspose(a, t1) {strides=[1, 1]}"),
            "BlockChannels BlockedConv UnblockChannels ConvTranspose");
}

TEST(BlockedLayout, LeavesWhatItDoesNotFit) {
  EXPECT_EQ(assigned("y: ? = Relu(x)"), "Relu");
  EXPECT_EQ(assigned("a: ? = Conv(x, w20) b: ? = Relu(a) y: ? = Softmax(b) {axis=1}"),
            "BlockChannels BlockedConv UnblockChannels Softmax");
  EXPECT_EQ(assigned("const d = f32[4,5,1,1]{1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16,17,"
                     "18,19,20} y: ? = Conv(x, d) {group=4}"),
            "Conv");
}

}  // namespace
}  // namespace atlas::cpu
