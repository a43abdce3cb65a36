// Nodes of the newest versions in, nodes of old ones out.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "atlas/base/error.h"
#include "atlas/formats/onnx/convert.h"
#include "atlas/graph/text_parser.h"
#include "atlas/graph/text_writer.h"

namespace atlas::onnx {
namespace {

using ::testing::HasSubstr;

Graph graph_of(const std::string& statements) {
  return parse_graph("graph \"g\" {" + statements + "  output y\n}");
}

// The statements of the graph are `after` once it was brought from the newest to `opset`.
void expect_downgrade(std::int64_t opset, const std::string& before, const std::string& after) {
  Graph graph = graph_of(before);
  downgrade(graph, {{"", opset}});
  graph.compact();
  EXPECT_EQ(write_graph(graph), "graph \"g\" {" + after + "  output y\n}\n");
}

std::string error_of(std::int64_t opset, const std::string& statements) {
  Graph graph = graph_of(statements);
  try {
    downgrade(graph, {{"", opset}});
  } catch (const Error& error) {
    return error.what();
  }
  return "no error";
}

TEST(Downgrade, Axes) {
  expect_downgrade(11, R"(
  input x: f32[1,2]
  const a = i64[1]{0}
  t: ? = Squeeze(x, a)
  u: ? = Unsqueeze(t, a)
  y: ? = ReduceMean(u, a) {keepdims=0, noop_with_empty_axes=0}
)",
                   R"(
  input x: f32[1,2]
  t: ? = Squeeze(x) {axes=[0]}
  u: ? = Unsqueeze(t) {axes=[0]}
  y: ? = ReduceMean(u) {axes=[0], keepdims=0}
)");
}

TEST(Downgrade, Split) {
  expect_downgrade(11, R"(
  input x: f32[1,4]
  y: ?, z: ? = Split(x) {axis=1, num_outputs=2}
)",
                   R"(
  input x: f32[1,4]
  y: ?, z: ? = Split(x) {axis=1}
)");
}

TEST(Downgrade, Slice) {
  expect_downgrade(9, R"(
  input x: f32[1,4]
  const a = i64[1]{0}
  const b = i64[1]{1}
  y: ? = Slice(x, a, a, b)
)",
                   R"(
  input x: f32[1,4]
  y: ? = Slice(x) {axes=[1], ends=[0], starts=[0]}
)");
}

TEST(Downgrade, Clip) {
  expect_downgrade(9, R"(
  input x: f32[1]
  const m = f32[]{6}
  y: ? = Clip(x, _, m)
)",
                   R"(
  input x: f32[1]
  y: ? = Clip(x) {max=6.0}
)");
}

TEST(Downgrade, PadDefaults) {
  expect_downgrade(10, R"(
  input x: f32[1]
  const p = i64[2]{1, 1}
  const v = f32[]{0.5}
  y: ? = Pad(x, p, v) {mode="reflect"}
)",
                   R"(
  input x: f32[1]
  y: ? = Pad(x) {mode="reflect", pads=[1, 1], value=0.5}
)");
}

TEST(Downgrade, DefaultsGo) {
  expect_downgrade(9, R"(
  input x: f32[1]
  const p = i64[2]{1, 1}
  y: ? = Reshape(x, p) {allowzero=0}
  z: ? = Cast(y) {round_mode="up", saturate=1, to=1}
  w: ? = Softmax(z)
)",
                   R"(
  input x: f32[1]
  const p = i64[2]{1, 1}
  y: ? = Reshape(x, p)
  z: ? = Cast(y) {to=1}
  w: ? = Softmax(z) {axis=-1}
)");
}

TEST(Downgrade, ShapeIsSliced) {
  expect_downgrade(9, R"(
  input x: f32[1,4]
  y: ? = Shape(x) {end=2, start=1}
)",
                   R"(
  input x: f32[1,4]
  y/Shape: ? = Shape(x)
  y: ? = Slice "y"(y/Shape) {ends=[2], starts=[1]}
)");
}

TEST(Downgrade, WhatCameWithOpset11And12) {
  expect_downgrade(9, R"(
  input x: f32[2,4]
  a: f32[2,4] = Constant() {value_floats=[1.0, 2.0]}
  b: f32[2,2] = Gemm(x, a)
  c: f32[2,1,2] = Unsqueeze(b, d)
  y: f32[2,2] = Flatten(c) {axis=-2}
  const d = i64[1]{-2}
)",
                   R"(
  input x: f32[2,4]
  const b/constant = f32[]{0}
  a: f32[2,4] = Constant() {value=f32[2]{1, 2}}
  b: f32[2,2] = Gemm(x, a, b/constant)
  c: f32[2,1,2] = Unsqueeze(b) {axes=[1]}
  y: f32[2,2] = Flatten(c) {axis=1}
)");
}

TEST(Downgrade, CastToAKnownType) {
  expect_downgrade(13, R"(
  input x: f32[1,4]
  input t: ?
  const w = f16[1]{1}
  u: ? = Add(t, w)
  v: ? = Relu(u)
  y: ? = CastLike(x, v) {saturate=1}
)",
                   R"(
  input x: f32[1,4]
  input t: ?
  const w = f16[1]{1}
  u: ? = Add(t, w)
  v: ? = Relu(u)
  y: ? = Cast(x) {to=10}
)");
}

TEST(Downgrade, SaysWhatOlderVersionsCannotExpress) {
  EXPECT_EQ(error_of(13, "input x: f32 y: ? = Reshape \"r\"(x, x) {allowzero=1}"),
            "Reshape 'r': its attribute 'allowzero' came with opset 14");
  EXPECT_EQ(error_of(12, "input x: bf16 y: ? = Add \"a\"(x, x)"),
            "Add 'a': input 0 of type bf16 came with opset 13");
  EXPECT_EQ(error_of(18, "input x: f32 y: f8e5m2 = Cast(x) {to=19}"),
            "Cast: output 0 of type f8e5m2 came with opset 19");
  EXPECT_EQ(error_of(13, "input x: f32 y: ? = Gelu(x)"), "Gelu: it came with opset 20");
  EXPECT_EQ(error_of(13, "input x: f32 y: ? = Pad(x, x, x, x)"), "Pad: its input 3 came with opset 18");
  EXPECT_EQ(error_of(11, "input x: f32 input a: i64[1] y: ? = Squeeze(x, a)"),
            "Squeeze: axes must be constant in that version, 'a' is computed");
  EXPECT_THAT(error_of(11, "input x: f32[1,2] y: ? = Softmax(x) {axis=0}"), HasSubstr("only the last axis"));
}

}  // namespace
}  // namespace atlas::onnx
