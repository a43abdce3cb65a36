// Graph text in, the operators that are left out, and that they compute the same.
#include <gtest/gtest.h>

#include "atlas/base/rng.h"
#include "atlas/graph/text_parser.h"
#include "atlas/targets/cpu/lowering.h"
#include "atlas/targets/cpu/rewrite_testing.h"
#include "atlas/tensor/elements.h"

namespace atlas::cpu {
namespace {

std::string fused(const std::string& text) {
  const OpRegistry ops = standard_ops();
  Graph graph = parse_graph(text);
  infer_types(graph, ops);
  Rng rng(3);
  std::vector<Datum> inputs;
  for (const ValueId id : graph.inputs) {
    const Shape shape = *constant_shape(*graph.value(id).type.dims);
    std::vector<double> values(element_count(shape));
    for (double& value : values) value = 2 * rng.uniform() - 1;
    inputs.push_back(from_doubles(DType::F32, shape, values));
  }
  check_rewrite(graph, ops, inputs, [&] { fuse_attention(graph); }, {.relative = 1e-5, .absolute = 1e-5});
  std::string out;
  for (const NodeId id : needed_nodes(graph)) {
    const Node& node = graph.node(id);
    if (node.op == "Reshape" || node.op == "Transpose") continue;
    out += (out.empty() ? "" : " ") + node.op;
    if (node.op == "Attention") out += std::to_string(graph.value(node.inputs[1]).type.dims->size());
  }
  return out;
}

const std::string kHead = R"(graph "g" {
    input q: f32[2,5,12]
    input k: f32[2,7,12]
    input v: f32[2,7,12]
    const half = f32[]{0.5}
    const two = f32[1]{2}
    const apart = i64[4]{2,-1,3,4}
    const joined = i64[3]{2,5,12}
    q4: ? = Reshape(q, apart)
    k4: ? = Reshape(k, apart)
    v4: ? = Reshape(v, apart)
    qh: ? = Transpose(q4) {perm=[0,2,1,3]}
    vh: ? = Transpose(v4) {perm=[0,2,1,3]}
)";
const std::string kTail = R"(
    p: ? = Softmax(s) {axis=-1}
    o: ? = MatMul(p, vh)
    t: ? = Transpose(o) {perm=[0,2,1,3]}
    y: ? = Reshape(t, joined)
    output y })";

TEST(FuseAttention, ReadsHeadsThatLieSideBySide) {
  EXPECT_EQ(fused(kHead + R"(
    input m: f32[2,1,1,7]
    kt: ? = Transpose(k4) {perm=[0,2,3,1]}
    a: ? = MatMul(qh, kt)
    b: ? = Mul(a, half)
    s: ? = Add(b, m))" +
                  kTail),
            "Attention3");
}

TEST(FuseAttention, TakesFactorsOfBothSides) {
  EXPECT_EQ(fused(kHead + R"(
    kh: ? = Transpose(k4) {perm=[0,2,1,3]}
    kt: ? = Transpose(kh) {perm=[0,1,3,2]}
    qs: ? = Mul(half, qh)
    ks: ? = Div(kt, two)
    s: ? = MatMul(qs, ks))" +
                  kTail),
            "Attention3");
}

TEST(FuseAttention, TurnsKeysWhoseResultStaysApart) {
  const std::string text = kHead + R"(
    kt: ? = Transpose(k4) {perm=[0,2,3,1]}
    s: ? = MatMul(qh, kt)
    p: ? = Softmax(s) {axis=3}
    o: ? = MatMul(p, vh)
    output o })";
  EXPECT_EQ(fused(text), "Attention4");
}

TEST(FuseAttention, ReadsRowsOfOneImage) {
  const auto text = [](const std::string& batch, const std::string& heads) {
    return R"(graph "g" {
    input q: f32[5,)" +
           batch + R"(,12]
    input k: f32[7,)" +
           batch + R"(,12]
    input v: f32[7,)" +
           batch + R"(,12]
    const rows = i64[3]{-1,)" +
           heads + R"(,4}
    const apart = i64[4]{)" +
           batch + R"(,3,-1,4}
    const joined = i64[2]{-1,12}
    q3: ? = Reshape(q, rows)
    k3: ? = Reshape(k, rows)
    v3: ? = Reshape(v, rows)
    qt: ? = Transpose(q3) {perm=[1,0,2]}
    kt: ? = Transpose(k3) {perm=[1,0,2]}
    vt: ? = Transpose(v3) {perm=[1,0,2]}
    q4: ? = Reshape(qt, apart)
    k4: ? = Reshape(kt, apart)
    v4: ? = Reshape(vt, apart)
    kk: ? = Transpose(k4) {perm=[0,1,3,2]}
    s: ? = MatMul(q4, kk)
    p: ? = Softmax(s) {axis=-1}
    o: ? = MatMul(p, v4)
    t: ? = Transpose(o) {perm=[2,0,1,3]}
    y: ? = Reshape(t, joined)
    output y })";
  };
  EXPECT_EQ(fused(text("1", "3")), "Attention3");
  EXPECT_EQ(fused(text("2", "6")), "Attention4");
}

TEST(FuseAttention, LeavesWhatIsSeenOrBroadcastOtherwise) {
  const std::string keys = "kt: ? = Transpose(k4) {perm=[0,2,3,1]} a: ? = MatMul(qh, kt)\n";
  EXPECT_EQ(fused(kHead + keys + "s: ? = Mul(a, half) output a" + kTail), "MatMul Mul Softmax MatMul");
  EXPECT_EQ(fused(kHead + "input m: f32[2,1,5,1]\n" + keys + "s: ? = Add(a, m)" + kTail),
            "MatMul Add Softmax MatMul");
  EXPECT_EQ(fused(R"(graph "g" {
    input q: f32[1,4,5,3]
    input kt: f32[1,1,3,7]
    input v: f32[1,1,7,3]
    k: ? = Transpose(kt) {perm=[0,1,3,2]}
    c: ? = Transpose(k) {perm=[0,1,3,2]}
    s: ? = MatMul(q, c)
    p: ? = Softmax(s) {axis=-1}
    y: ? = MatMul(p, v)
    output y })"),
            "MatMul Softmax MatMul");
}

}  // namespace
}  // namespace atlas::cpu
