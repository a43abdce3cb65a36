// Passes, each alone: graph text in, graph text out.
#include "atlas/passes/passes.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "atlas/base/error.h"
#include "atlas/graph/text_parser.h"
#include "atlas/graph/text_writer.h"
#include "atlas/graph/verify.h"
#include "atlas/ops/infer.h"

namespace atlas {
namespace {

using testing::HasSubstr;

const OpRegistry& ops() {
  static const OpRegistry registry = standard_ops();
  return registry;
}

using PassFunction = bool (*)(Graph&, const OpRegistry&);

// What is left of the nodes of `text` after the pass, one a line: outputs and operator with its inputs.
std::string after(PassFunction pass, const std::string& text) {
  Graph graph = parse_graph(text);
  infer_types(graph, ops());
  pass(graph, ops());
  graph.compact();
  verify(graph);
  infer_types(graph, ops());
  const std::string written = write_graph(graph);
  std::string out;
  for (std::size_t at = 0; at < written.size();) {
    const std::size_t end = std::min(written.find('\n', at), written.size());
    const std::string line = written.substr(at, end - at);
    if (line.find(" = ") != std::string::npos || line.find("output") != std::string::npos) out += line + "\n";
    at = end + 1;
  }
  return out;
}

TEST(FoldConstants, ComputesWhatIsKnown) {
  EXPECT_EQ(after(fold_constants, R"(graph "g" {
    input x: f32[2]
    const a = f32[2]{1, 2}
    b: ? = Add(a, a)
    y: ? = Mul(x, b)
    output y })"),
            "  const b = f32[2]{2, 4}\n  y: f32[2] = Mul(x, b)\n  output y\n");
}

TEST(FoldConstants, LeavesWhatWouldGrow) {
  const std::string text = after(fold_constants, R"(graph "g" {
    const shape = i64[2]{100000, 100000}
    y: ? = ConstantOfShape(shape)
    output y })");
  EXPECT_NE(text.find("ConstantOfShape"), std::string::npos);
}

TEST(FoldShapes, UsesKnownSizes) {
  const std::string text = after(fold_shapes, R"(graph "g" {
    input x: f32[N,3,4]
    s: ? = Shape(x)
    const one = i64[]{1}
    n: ? = Gather(s, one)
    y: ? = Add(n, n)
    output y })");
  EXPECT_NE(text.find("= i64[]{3}"), std::string::npos) << text;
}

TEST(RecognizeDequantize, FindsACastAndScalesOfRowsColumnsOrAll) {
  const auto widened = [](const std::string& scale) {
    return after(recognize_dequantize, R"(graph "g" {
    const q = i8[2,3]{1, 2, 3, 4, 5, 6}
    const s = )" + scale + R"(
    w: ? = Cast(q) {to=1}
    y: ? = Mul(s, w)
    output y })");
  };
  EXPECT_THAT(widened("f32[1,3]{1, 2, 3}"),
              HasSubstr("\n  y: f32[2,3] = DequantizeLinear(q, scale) {axis=1}\n"));
  EXPECT_THAT(widened("f32[2,1]{1, 2}"),
              HasSubstr("\n  y: f32[2,3] = DequantizeLinear(q, scale) {axis=0}\n"));
  EXPECT_THAT(widened("f32[]{2}"), HasSubstr("\n  y: f32[2,3] = DequantizeLinear(q, scale) {axis=0}\n"));
  EXPECT_THAT(widened("f32[2,3]{1, 2, 3, 4, 5, 6}"), HasSubstr("Mul"));
  EXPECT_THAT(widened("f32[2,1,1]{1, 2}"), HasSubstr("Mul"));
}

TEST(GatherQuantized, LooksUpBeforeItWidens) {
  const auto looked_up = [](const std::string& scale, const std::string& axis) {
    return after(gather_quantized, R"(graph "g" {
    input at: i64[N]
    const q = i8[3,2]{1, 2, 3, 4, 5, 6}
    const s = )" + scale + R"(
    w: ? = DequantizeLinear(q, s) {axis=)" +
                                       axis + R"(}
    y: ? = Gather(w, at)
    output y })");
  };
  EXPECT_THAT(looked_up("f32[]{0.5}", "0"), HasSubstr("\n  y: f32[N,2] = DequantizeLinear(Gather, s)"));
  EXPECT_THAT(looked_up("f32[3]{1, 2, 3}", "0"), HasSubstr("\n  y: f32[N,2] = Mul(Cast, Gather_8)"));
  EXPECT_THAT(looked_up("f32[2]{1, 2}", "1"), HasSubstr("\n  y: f32[N,2] = Gather(w, at)"));
}

TEST(FoldConstants, LeavesTheWeightsOfProductsIn8Bits) {
  const std::string model = R"(graph "g" {
    input x: f32[N,2]
    const q = i8[2,3]{1, 2, 3, 4, 5, 6}
    const s = f32[3]{1, 2, 3}
    w: ? = DequantizeLinear(q, s)
    y: ? = MatMul(x, w)
    )";
  EXPECT_NE(after(fold_constants, model + "output y }").find("DequantizeLinear"), std::string::npos);
  EXPECT_EQ(
      after(fold_constants, model + "z: ? = Add(w, s)\n output y\n output z }").find("DequantizeLinear"),
      std::string::npos);
}

TEST(FoldConstants, LeavesTheWeightsOfQuantizedConvolutionsIn8Bits) {
  const auto folded = [](const std::string& image) {
    return after(fold_constants, R"(graph "g" {
    input x: f32[1,1,2]
    input p: u8[1,1,2]
    const q = i8[1,1,2]{1, 2}
    const s = f32[]{0.5}
    w: ? = DequantizeLinear(q, s)
    d: ? = DequantizeLinear(p, s)
    y: ? = Conv()" + image + R"(, w)
    output y })");
  };
  EXPECT_THAT(folded("d"), HasSubstr("w: f32[1,1,2] = DequantizeLinear(q, s)"));
  EXPECT_THAT(folded("x"), testing::Not(HasSubstr("w: f32[1,1,2] = DequantizeLinear(q, s)")));
}

TEST(EliminateDead, DropsUnusedNodes) {
  EXPECT_EQ(after(eliminate_dead, R"(graph "g" {
    input x: f32[2]
    a: ? = Exp(x)
    b: ? = Log(a)
    y: ? = Abs(x)
    output y })"),
            "  y: f32[2] = Abs(x)\n  output y\n");
}

TEST(EliminateIdentity, BypassesAndKeepsNamesOfOutputs) {
  EXPECT_EQ(after(eliminate_identity, R"(graph "g" {
    input x: f32[2,3]
    a: ? = Identity(x)
    b: ? = Exp(a)
    c: ? = Cast(b) {to=1}
    y: ? = Identity(c)
    output y })"),
            "  y: f32[2,3] = Exp(x)\n  output y\n");
}

TEST(EliminateIdentity, KeepsAnOutputThatIsAnInput) {
  EXPECT_NE(after(eliminate_identity, R"(graph "g" {
    input x: f32[2]
    y: ? = Identity(x)
    output y })")
                .find("Identity"),
            std::string::npos);
}

TEST(EliminateIdentity, JoinsTransposes) {
  const std::string text = after(eliminate_identity, R"(graph "g" {
    input x: f32[2,3,4]
    a: ? = Transpose(x) {perm=[1, 2, 0]}
    b: ? = Transpose(a) {perm=[2, 0, 1]}
    y: ? = Exp(b)
    output y })");
  EXPECT_NE(text.find("y: f32[2,3,4] = Exp(x)"), std::string::npos);
}

TEST(MergeCommon, ComputesEqualThingsOnce) {
  EXPECT_EQ(after(merge_common, R"(graph "g" {
    input x: f32[2]
    a: ? = Exp(x)
    b: ? = Exp(x)
    y: ? = Add(a, b)
    output y })"),
            "  a: f32[2] = Exp(x)\n  y: f32[2] = Add(a, a)\n  output y\n");
}

TEST(MergeCommon, KeepsRandomNodesApart) {
  const std::string text = after(merge_common, R"(graph "g" {
    a: ? = RandomNormal() {shape=[2]}
    b: ? = RandomNormal() {shape=[2]}
    y: ? = Sub(a, b)
    output y })");
  EXPECT_NE(text.find("Sub(a, b)"), std::string::npos);
}

TEST(InlineFunctions, PutsTheBodyInPlaceOfTheCall) {
  EXPECT_EQ(after(inline_functions, R"(graph "g" {
    function my.domain::Shifted(axis=1) graph "body" { input p: ?  q: ? = Flatten(p) {axis=@axis}  r: ? = Exp(q)  output r }
    input x: f32[2,3,4]
    y: ? = my.domain::Shifted(x) {axis=2}
    output y })"),
            "  Shifted/q: f32[6,4] = Flatten \"Shifted/\"(x) {axis=2}\n  y: f32[6,4] = Exp "
            "\"Shifted/\"(Shifted/q)\n  output y\n");
}

TEST(RunPasses, NamesUnknownPasses) {
  Graph graph = parse_graph("graph \"g\" { input x: f32[2]  output x }");
  try {
    run_passes(graph, ops(), {.disabled = {"no-such"}});
    FAIL();
  } catch (const Error& error) {
    EXPECT_STREQ(error.what(), "pass 'no-such': no such pass");
  }
}

}  // namespace
}  // namespace atlas
