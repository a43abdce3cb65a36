// Graph text in, the operators that are left out, and that they compute the same for every level.
#include <fmt/core.h>
#include <gtest/gtest.h>

#include <numeric>

#include "atlas/graph/text_parser.h"
#include "atlas/targets/cpu/lowering.h"
#include "atlas/targets/cpu/rewrite_testing.h"

namespace atlas::cpu {
namespace {

std::string fused(const std::string& text) {
  const OpRegistry ops = standard_ops();
  Graph graph = parse_graph(text);
  infer_types(graph, ops);
  std::vector<Datum> inputs;
  for (const ValueId id : graph.inputs) {
    Tensor levels(graph.value(id).type.dtype, *constant_shape(*graph.value(id).type.dims));
    auto* bytes = static_cast<std::uint8_t*>(levels.raw_mutable());
    std::iota(bytes, bytes + levels.element_count(), std::uint8_t{0});
    inputs.push_back(levels);
  }
  check_rewrite(graph, ops, inputs, [&] { fuse_level_tables(graph, ops); }, {});
  std::string out;
  for (const NodeId id : needed_nodes(graph)) out += (out.empty() ? "" : " ") + graph.node(id).op;
  return out;
}

const std::string kHead = R"(graph "g" {
    input x: u8[2,128]
    input i: i8[2,128]
    const s = f32[]{0.05}
    const t = f32[]{0.02}
    const u = u8[]{100}
    const z = i8[]{-3}
    const root = f32[]{1.4142135}
    const one = f32[]{1}
    const half = f32[1]{0.5}
    dx: ? = DequantizeLinear(x, s, u)
    di: ? = DequantizeLinear(i, s, z)
    )";

TEST(FuseLevelTables, ChainsThatBranchAndQuantiseBetween) {
  EXPECT_EQ(fused(kHead + R"(
    a: ? = Div(dx, root)
    qa: ? = QuantizeLinear(a, t, u)
    da: ? = DequantizeLinear(qa, t, u)
    b: ? = Erf(da)
    c: ? = Add(b, one)
    d: ? = Mul(dx, c)
    e: ? = Mul(d, half)
    y: ? = QuantizeLinear(e, t, z)
    output y })"),
            "LevelTable");
}

TEST(FuseLevelTables, SignedLevels) {
  EXPECT_EQ(fused(kHead + "a: ? = Sigmoid(di) b: ? = Mul(a, di) y: ? = QuantizeLinear(b, t, u) output y }"),
            "LevelTable");
}

TEST(FuseLevelTables, LeavesWhatIsTooLong) {
  std::string text = kHead + "r0: ? = Relu(dx)\n";
  std::string left = "DequantizeLinear Relu";
  for (int i = 1; i < 100; ++i) {
    text += fmt::format("r{}: ? = Relu(r{})\n", i, i - 1);
    left += " Relu";
  }
  EXPECT_EQ(fused(text + "y: ? = QuantizeLinear(r99, t, u) output y }"), left + " QuantizeLinear");
}

TEST(FuseLevelTables, LeavesWhatDependsOnMore) {
  EXPECT_EQ(fused(kHead + "a: ? = Add(dx, di) y: ? = QuantizeLinear(a, t, u) output y }"),
            "DequantizeLinear DequantizeLinear Add QuantizeLinear");
  EXPECT_EQ(fused(kHead + "a: ? = Softmax(dx) b: ? = Mul(a, dx) y: ? = QuantizeLinear(b, t, u) output y }"),
            "DequantizeLinear Softmax Mul QuantizeLinear");
  EXPECT_EQ(fused(kHead + "y: ? = QuantizeLinear(dx, t, u) output y }"), "DequantizeLinear QuantizeLinear");
  // Wider than the levels that it is made from.
  EXPECT_EQ(
      fused(kHead + "const w = f32[1,1,1]{2} a: ? = Mul(dx, w) y: ? = QuantizeLinear(a, t, u) output y }"),
      "DequantizeLinear Mul QuantizeLinear");
}

}  // namespace
}  // namespace atlas::cpu
