// Passes that recognise patterns: what is left, and that it computes the same.
#include <gtest/gtest.h>

#include "atlas/base/rng.h"
#include "atlas/graph/text_parser.h"
#include "atlas/ops/infer.h"
#include "atlas/ops/interpreter.h"
#include "atlas/passes/passes.h"
#include "atlas/tensor/compare.h"
#include "atlas/tensor/elements.h"

namespace atlas {
namespace {

const OpRegistry& ops() {
  static const OpRegistry registry = standard_ops();
  return registry;
}

std::vector<Datum> random_inputs(const Graph& graph) {
  Rng rng(11);
  std::vector<Datum> out;
  for (const ValueId id : graph.inputs) {
    const Shape shape = *constant_shape(*graph.value(id).type.dims);
    std::vector<double> values(element_count(shape));
    for (double& value : values) value = 6 * rng.uniform() - 3;
    out.push_back(from_doubles(graph.value(id).type.dtype, shape, values));
  }
  return out;
}

// Runs the whole pipeline; gives the operators that are left, in order.
std::string left_of(const std::string& text) {
  Graph graph = parse_graph(text);
  infer_types(graph, ops());
  const std::vector<Datum> inputs = random_inputs(graph);
  const std::vector<Datum> before = interpret(graph, ops(), inputs);
  run_passes(graph, ops());
  const std::vector<Datum> after = interpret(graph, ops(), inputs);
  for (std::size_t i = 0; i < before.size(); ++i)
    EXPECT_EQ(difference(after[i], before[i], {.relative = 1e-5, .absolute = 1e-5}), "");
  std::string out;
  for (const NodeId id : graph.order()) out += (out.empty() ? "" : " ") + graph.node(id).op;
  return out;
}

TEST(RecognizeActivations, FindsHardSwish) {
  EXPECT_EQ(left_of(R"(graph "g" {
    input x: f32[2,3]
    const three = f32[]{3}
    const zero = f32[]{0}
    const six = f32[]{6}
    a: ? = Add(x, three)
    b: ? = Clip(a, zero, six)
    c: ? = Mul(x, b)
    y: ? = Div(c, six)
    output y })"),
            "HardSwish");
  EXPECT_EQ(left_of(R"(graph "g" {
    input x: f32[2,3]
    a: ? = HardSigmoid(x) {alpha=0.16666667, beta=0.5}
    y: ? = Mul(a, x)
    output y })"),
            "HardSwish");
}

TEST(RecognizeActivations, FindsGeluInItsSpellings) {
  EXPECT_EQ(left_of(R"(graph "g" {
    input x: f32[2,3]
    const root = f32[]{1.4142135}
    const one = f32[]{1}
    const half = f32[]{0.5}
    a: ? = Div(x, root)
    b: ? = Erf(a)
    c: ? = Add(b, one)
    d: ? = Mul(x, c)
    y: ? = Mul(d, half)
    output y })"),
            "Gelu");
  EXPECT_EQ(left_of(R"(graph "g" {
    input x: f32[2,3]
    const three = f32[]{3}
    const k = f32[]{0.044715}
    const s = f32[]{0.79788456}
    const one = f32[]{1}
    const half = f32[]{0.5}
    a: ? = Pow(x, three)
    b: ? = Mul(a, k)
    c: ? = Add(x, b)
    d: ? = Mul(c, s)
    e: ? = Tanh(d)
    f: ? = Add(e, one)
    h: ? = Mul(x, half)
    y: ? = Mul(h, f)
    output y })"),
            "Gelu");
}

TEST(RecognizeActivations, FindsSwish) {
  EXPECT_EQ(left_of(R"(graph "g" {
    input x: f32[2,3]
    a: ? = Sigmoid(x)
    y: ? = Mul(x, a)
    output y })"),
            "Swish");
}

TEST(RecognizeLayerNorm, FindsItInPieces) {
  EXPECT_EQ(left_of(R"(graph "g" {
    input x: f32[2,3,4]
    const axis = i64[1]{-1}
    const two = f32[]{2}
    const epsilon = f32[]{1e-05}
    const scale = f32[4]{1, 2, 3, 4}
    const bias = f32[4]{4, 3, 2, 1}
    m: ? = ReduceMean(x, axis)
    d: ? = Sub(x, m)
    s: ? = Pow(d, two)
    v: ? = ReduceMean(s, axis)
    e: ? = Add(v, epsilon)
    r: ? = Sqrt(e)
    n: ? = Div(d, r)
    w: ? = Mul(n, scale)
    y: ? = Add(w, bias)
    output y })"),
            "LayerNormalization");
}

TEST(FoldAffine, TakesNormsAndBiasesIntoWeights) {
  EXPECT_EQ(left_of(R"(graph "g" {
    input x: f32[1,2,3,3]
    const w = f32[2,2,1,1]{1, 2, 3, 4}
    const gamma = f32[2]{1, 2}
    const beta = f32[2]{0.5, -1}
    const mean = f32[2]{0.1, 0.2}
    const variance = f32[2]{1, 4}
    const bias = f32[1,2,1,1]{7, 8}
    a: ? = Conv(x, w)
    b: ? = BatchNormalization(a, gamma, beta, mean, variance)
    y: ? = Add(b, bias)
    output y })"),
            "Conv");
  EXPECT_EQ(left_of(R"(graph "g" {
    input x: f32[1,4,3,3]
    const w = f32[4,1,2,2]{1, 2, 3, 4, 5, 6, 7, 8, 9, 1, 2, 3, 4, 5, 6, 7}
    const scale = f32[2,1,1]{2, 3}
    a: ? = ConvTranspose(x, w) {group=2}
    y: ? = Mul(a, scale)
    output y })"),
            "ConvTranspose");
}

TEST(FoldAffine, LeavesWhatIsUsedTwice) {
  EXPECT_EQ(left_of(R"(graph "g" {
    input x: f32[1,1,2,2]
    const w = f32[1,1,1,1]{2}
    const s = f32[]{3}
    a: ? = Conv(x, w)
    b: ? = Mul(a, s)
    y: ? = Add(a, b)
    output y })"),
            "Conv Mul Add");
}

TEST(FoldPadding, JoinsTheConvolution) {
  const std::string head = R"(graph "g" {
    input x: f32[1,1,4,4]
    const w = f32[1,1,1,1]{2}
    const zero = f32[]{0}
    const around = i64[8]{0, 0, 1, 2, 0, 0, 3, 4}
    const channels = i64[8]{0, 1, 0, 0, 0, 0, 0, 0}
    )";
  EXPECT_EQ(left_of(head + R"(a: ? = Pad(x, around, zero)
    y: ? = Conv(a, w) {pads=[1, 1, 1, 1]}
    output y })"),
            "Conv");
  EXPECT_EQ(left_of(head + R"(a: ? = Pad(x, around) {mode="reflect"}
    y: ? = Conv(a, w)
    output y })"),
            "Pad Conv");
  EXPECT_EQ(left_of(head + R"(const one = f32[]{1}
    a: ? = Pad(x, around, one)
    y: ? = Conv(a, w)
    output y })"),
            "Pad Conv");
  EXPECT_EQ(left_of(head + R"(const w2 = f32[1,2,1,1]{2, 3}
    a: ? = Pad(x, channels)
    y: ? = Conv(a, w2)
    output y })"),
            "Pad Conv");
}

}  // namespace
}  // namespace atlas
