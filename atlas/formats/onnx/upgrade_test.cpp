// Nodes of old versions in, nodes of the newest out.
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

// The statements of the graph are `after` once it was brought from `opset` to the newest.
void expect_upgrade(std::int64_t opset, const std::string& before, const std::string& after) {
  Graph graph = graph_of(before);
  upgrade(graph, {{"", opset}});
  EXPECT_EQ(write_graph(graph), "graph \"g\" {" + after + "  output y\n}\n");
}

std::string error_of(std::int64_t opset, const std::string& statements) {
  Graph graph = graph_of(statements);
  try {
    upgrade(graph, {{"", opset}});
  } catch (const Error& error) {
    return error.what();
  }
  return "no error";
}

TEST(Upgrade, ConsumedInputsGo) {
  expect_upgrade(1, R"(
  input x: f32
  y: ? = Relu(x) {consumed_inputs=[0]}
)",
                 R"(
  input x: f32
  y: ? = Relu(x)
)");
}

TEST(Upgrade, BroadcastAtAnAxis) {
  expect_upgrade(6, R"(
  input x: f32[2,3,4,5]
  input b: f32[3]
  y: ? = Add(x, b) {axis=1, broadcast=1}
)",
                 R"(
  input x: f32[2,3,4,5]
  input b: f32[3]
  const y/constant = i64[2]{1, 2}
  y/Unsqueeze: ? = Unsqueeze "y/Unsqueeze"(b, y/constant)
  y: ? = Add(x, y/Unsqueeze)
)");
}

TEST(Upgrade, BroadcastOfUnknownRanks) {
  expect_upgrade(6, R"(
  input x: f32
  input b: f32
  y: ? = Mul(x, b) {axis=1, broadcast=1}
)",
                 R"(
  input x: f32
  input b: f32
  const y/constant = i64[1]{1}
  y/Shape: ? = Shape "y/Shape"(b)
  y/Shape_4: ? = Shape "y/Shape_4"(x)
  y/Shape_5: ? = Shape "y/Shape_5"(y/Shape_4)
  y/Sub: ? = Sub "y/Sub"(y/Shape_5, y/constant)
  y/Shape_8: ? = Shape "y/Shape_8"(y/Shape)
  y/Sub_9: ? = Sub "y/Sub_9"(y/Sub, y/Shape_8)
  y/ConstantOfShape: ? = ConstantOfShape "y/ConstantOfShape"(y/Sub_9) {value=i64[1]{1}}
  y/Concat: ? = Concat "y/Concat"(y/Shape, y/ConstantOfShape) {axis=0}
  y/Reshape: ? = Reshape "y/Reshape"(b, y/Concat)
  y: ? = Mul(x, y/Reshape)
)");
}

TEST(Upgrade, BroadcastOfTheLastAxes) {
  expect_upgrade(6, R"(
  input x: f32[2,3]
  input b: f32[3]
  y: ? = Sub(x, b) {broadcast=1}
)",
                 R"(
  input x: f32[2,3]
  input b: f32[3]
  y: ? = Sub(x, b)
)");
}

TEST(Upgrade, SlopePerChannel) {
  expect_upgrade(6, R"(
  input x: f32[2,3,4,5]
  input b: f32[3]
  y: ? = PRelu(x, b)
)",
                 R"(
  input x: f32[2,3,4,5]
  input b: f32[3]
  const y/constant = i64[2]{1, 2}
  y/Unsqueeze: ? = Unsqueeze "y/Unsqueeze"(b, y/constant)
  y: ? = PRelu(x, y/Unsqueeze)
)");
}

TEST(Upgrade, SeluDefaults) {
  expect_upgrade(1, R"(
  input x: f32
  y: ? = Selu(x)
)",
                 R"(
  input x: f32
  y: ? = Selu(x) {alpha=1.6732, gamma=1.0507}
)");
}

TEST(Upgrade, CastByName) {
  expect_upgrade(1, R"(
  input x: f32
  y: ? = Cast(x) {to="FLOAT16"}
)",
                 R"(
  input x: f32
  y: ? = Cast(x) {to=10}
)");
}

TEST(Upgrade, ClipBounds) {
  expect_upgrade(6, R"(
  input x: f32
  y: ? = Clip(x) {max=6.0}
)",
                 R"(
  input x: f32
  const y/constant = f32[]{6}
  y: ? = Clip(x, _, y/constant)
)");
}

TEST(Upgrade, ClipBoundsOfUnknownType) {
  expect_upgrade(6, R"(
  input x: ?
  y: ? = Clip(x) {min=0.0}
)",
                 R"(
  input x: ?
  const y/constant = f32[]{0}
  y/CastLike: ? = CastLike "y/CastLike"(y/constant, x)
  y: ? = Clip(x, y/CastLike)
)");
}

TEST(Upgrade, Axes) {
  expect_upgrade(11, R"(
  input x: f32
  t: ? = Squeeze(x) {axes=[0]}
  u: ? = Unsqueeze(t) {axes=[1]}
  y: ? = ReduceMean(u) {axes=[-1], keepdims=0}
)",
                 R"(
  input x: f32
  const t/constant = i64[1]{0}
  const u/constant = i64[1]{1}
  const y/constant = i64[1]{-1}
  t: ? = Squeeze(x, t/constant)
  u: ? = Unsqueeze(t, u/constant)
  y: ? = ReduceMean(u, y/constant) {keepdims=0}
)");
}

TEST(Upgrade, Split) {
  expect_upgrade(2, R"(
  input x: f32
  y: ?, z: ? = Split(x) {axis=1, split=[1, 2]}
  a: ?, b: ? = Split(x)
)",
                 R"(
  input x: f32
  const y/constant = i64[2]{1, 2}
  y: ?, z: ? = Split(x, y/constant) {axis=1}
  a: ?, b: ? = Split(x) {num_outputs=2}
)");
}

TEST(Upgrade, Slice) {
  expect_upgrade(1, R"(
  input x: f32
  y: ? = Slice(x) {axes=[1], ends=[3], starts=[0]}
)",
                 R"(
  input x: f32
  const y/constant = i64[1]{0}
  const y/constant_3 = i64[1]{3}
  const y/constant_4 = i64[1]{1}
  y: ? = Slice(x, y/constant, y/constant_3, y/constant_4)
)");
}

TEST(Upgrade, TopK) {
  expect_upgrade(1, R"(
  input x: f32
  y: ?, z: ? = TopK(x) {k=3}
)",
                 R"(
  input x: f32
  const y/constant = i64[1]{3}
  y: ?, z: ? = TopK(x, y/constant)
)");
}

TEST(Upgrade, Pad) {
  expect_upgrade(1, R"(
  input x: f32
  y: ? = Pad(x) {paddings=[0, 1, 0, 1], value=2.0}
)",
                 R"(
  input x: f32
  const y/constant = i64[4]{0, 1, 0, 1}
  const y/constant_3 = f32[]{2}
  y: ? = Pad(x, y/constant, y/constant_3)
)");
}

TEST(Upgrade, Reshape) {
  expect_upgrade(1, R"(
  input x: f32
  y: ? = Reshape(x) {consumed_inputs=[0], shape=[2, -1]}
)",
                 R"(
  input x: f32
  const y/constant = i64[2]{2, -1}
  y: ? = Reshape(x, y/constant)
)");
}

TEST(Upgrade, Tile) {
  expect_upgrade(1, R"(
  input x: f32[2,3]
  input b: i64[]
  input c: i64[]
  y: ? = Tile(x, b, c)
)",
                 R"(
  input x: f32[2,3]
  input b: i64[]
  input c: i64[]
  const y/constant = i64[1]{1}
  const y/constant_11 = i64[1]{1}
  y/Shape: ? = Shape "y/Shape"(x)
  y/Shape_5: ? = Shape "y/Shape_5"(y/Shape)
  y/ConstantOfShape: ? = ConstantOfShape "y/ConstantOfShape"(y/Shape_5) {value=i64[1]{1}}
  y/Cast: ? = Cast "y/Cast"(b) {to=7}
  y/Reshape: ? = Reshape "y/Reshape"(y/Cast, y/constant)
  y/Cast_10: ? = Cast "y/Cast_10"(c) {to=7}
  y/Reshape_12: ? = Reshape "y/Reshape_12"(y/Cast_10, y/constant_11)
  y/ScatterElements: ? = ScatterElements "y/ScatterElements"(y/ConstantOfShape, y/Reshape_12, y/Reshape)
  y: ? = Tile(x, y/ScatterElements)
)");
}

TEST(Upgrade, Dft) {
  expect_upgrade(17, R"(
  input x: f32
  y: ? = DFT(x) {axis=2}
)",
                 R"(
  input x: f32
  const y/constant = i64[]{2}
  y: ? = DFT(x, _, y/constant)
)");
}

TEST(Upgrade, SoftmaxOverTheRest) {
  expect_upgrade(11, R"(
  input x: f32[2,3,4]
  y: ? = Softmax(x)
)",
                 R"(
  input x: f32[2,3,4]
  y/Flatten: ? = Flatten "y/Flatten"(x) {axis=1}
  y/Softmax: ? = Softmax(y/Flatten) {axis=-1}
  y/Shape: ? = Shape "y/Shape"(x)
  y: ? = Reshape "y"(y/Softmax, y/Shape)
)");
}

TEST(Upgrade, SoftmaxOfTheLastAxis) {
  expect_upgrade(11, R"(
  input x: f32[2,3]
  y: ? = Softmax(x)
)",
                 R"(
  input x: f32[2,3]
  y: ? = Softmax(x) {axis=-1}
)");
}

TEST(Upgrade, BatchNormalization) {
  expect_upgrade(6, R"(
  input x: f32[1,2]
  input s: f32[2]
  y: ? = BatchNormalization(x, s, s, s, s) {is_test=1, spatial=1}
)",
                 R"(
  input x: f32[1,2]
  input s: f32[2]
  y: ? = BatchNormalization(x, s, s, s, s)
)");
}

TEST(Upgrade, BatchNormalizationTraining) {
  expect_upgrade(9, R"(
  input x: f32[1,2]
  input s: f32[2]
  y: ?, m: ?, v: ?, sm: ?, sv: ? = BatchNormalization(x, s, s, s, s)
)",
                 R"(
  input x: f32[1,2]
  input s: f32[2]
  y: ?, m: ?, v: ? = BatchNormalization(x, s, s, s, s) {training_mode=1}
)");
}

TEST(Upgrade, GroupNormalization) {
  expect_upgrade(18, R"(
  input x: f32[1,4,5]
  input s: f32[2]
  y: ? = GroupNormalization(x, s, s) {num_groups=2}
)",
                 R"(
  input x: f32[1,4,5]
  input s: f32[2]
  const y/constant = i64[1]{2}
  const y/constant_7 = i64[1]{1}
  const y/constant_10 = i64[1]{-1}
  const y/constant_12 = i64[1]{1}
  const y/constant_15 = i64[1]{-1}
  y/Shape: ? = Shape "y/Shape"(x) {end=2, start=1}
  y/Div: ? = Div "y/Div"(y/Shape, y/constant)
  y/Concat: ? = Concat "y/Concat"(y/constant, y/Div) {axis=0}
  y/Unsqueeze: ? = Unsqueeze "y/Unsqueeze"(s, y/constant_7)
  y/Expand: ? = Expand "y/Expand"(y/Unsqueeze, y/Concat)
  y/Reshape: ? = Reshape "y/Reshape"(y/Expand, y/constant_10)
  y/Unsqueeze_13: ? = Unsqueeze "y/Unsqueeze_13"(s, y/constant_12)
  y/Expand_14: ? = Expand "y/Expand_14"(y/Unsqueeze_13, y/Concat)
  y/Reshape_16: ? = Reshape "y/Reshape_16"(y/Expand_14, y/constant_15)
  y: ? = GroupNormalization(x, y/Reshape, y/Reshape_16) {num_groups=2}
)");
}

TEST(Upgrade, Dropout) {
  expect_upgrade(6, R"(
  input x: f32
  y: ?, m: ? = Dropout(x) {is_test=1, ratio=0.25}
)",
                 R"(
  input x: f32
  const y/constant = f32[]{0.25}
  y: ?, m/Dropout: ? = Dropout(x, y/constant)
  m: ? = CastLike "m"(m/Dropout, x)
)");
}

TEST(Upgrade, Upsample) {
  expect_upgrade(1, R"(
  input x: f32
  y: ? = Upsample(x) {height_scale=2.0, mode="bilinear", width_scale=3.0}
)",
                 R"(
  input x: f32
  const y/constant = f32[4]{1, 1, 2, 3}
  y: ? = Resize(x, _, y/constant) {coordinate_transformation_mode="asymmetric", mode="linear"}
)");
}

TEST(Upgrade, Resize) {
  expect_upgrade(10, R"(
  input x: f32[1,1,2,2]
  input s: f32[4]
  y: ? = Resize(x, s)
)",
                 R"(
  input x: f32[1,1,2,2]
  input s: f32[4]
  y: ? = Resize(x, _, s) {coordinate_transformation_mode="asymmetric", nearest_mode="floor"}
)");
}

TEST(Upgrade, ResizeBySizes) {
  expect_upgrade(11, R"(
  input x: f32[1,1,2,2]
  input s: i64[4]
  const e = f32[0]{}
  y: ? = Resize(x, e, e, s)
)",
                 R"(
  input x: f32[1,1,2,2]
  input s: i64[4]
  const e = f32[0]{}
  y: ? = Resize(x, e, _, s)
)");
}

TEST(Upgrade, GridSample) {
  expect_upgrade(16, R"(
  input x: f32
  y: ? = GridSample(x, x) {mode="bicubic"}
)",
                 R"(
  input x: f32
  y: ? = GridSample(x, x) {mode="cubic"}
)");
}

TEST(Upgrade, RoiAlign) {
  expect_upgrade(10, R"(
  input x: f32
  y: ? = RoiAlign(x, x, x)
)",
                 R"(
  input x: f32
  y: ? = RoiAlign(x, x, x) {coordinate_transformation_mode="output_half_pixel"}
)");
}

TEST(Upgrade, LpPool) {
  expect_upgrade(1, R"(
  input x: f32
  y: ? = LpPool(x) {kernel_shape=[2], p=2.0}
)",
                 R"(
  input x: f32
  y: ? = LpPool(x) {kernel_shape=[2], p=2}
)");
}

TEST(Upgrade, Recurrent) {
  expect_upgrade(1, R"(
  input x: f32
  _, y: ? = GRU(x, x, x) {direction="foward", output_sequence=1}
)",
                 R"(
  input x: f32
  _, y: ? = GRU(x, x, x) {direction="forward"}
)");
}

TEST(Upgrade, Scan) {
  expect_upgrade(8, R"(
  input w: f32[2]
  input h: f32[B,2]
  input x: f32[B,T,2]
  f: f32[B,2], y: f32[B,T,2] = Scan(_, h, x) {body=graph "body" {
    capture c: f32[2] = w
    input s: f32[2]
    input e: f32[2]
    a: ? = Add(s, e)
    t: ? = Mul(a, c)
    output a
    output t
  }, num_scan_inputs=1}
)",
                 R"(
  input w: f32[2]
  input h: f32[B,2]
  input x: f32[B,T,2]
  f: f32[B,2], y: f32[B,T,2] = Scan(h, x) {body=graph "batch" {
    capture w: f32[2] = w
    input h/element: f32[2]
    input x/element: f32[T,2]
    f/element: f32[2], y/element: f32[T,2] = Scan(h/element, x/element) {body=graph "body" {
      capture c: f32[2] = w
      input s: f32[2]
      input e: f32[2]
      a: ? = Add(s, e)
      t: ? = Mul(a, c)
      output a
      output t
    }, num_scan_inputs=1}
    output f/element
    output y/element
  }, num_scan_inputs=2}
)");
}

TEST(Upgrade, Scatter) {
  expect_upgrade(9, R"(
  input x: f32
  y: ? = Scatter(x, x, x) {axis=1}
)",
                 R"(
  input x: f32
  y: ? = ScatterElements(x, x, x) {axis=1}
)");
}

TEST(Upgrade, ImageScaler) {
  expect_upgrade(1, R"(
  input x: f32
  y: ? = ImageScaler(x) {bias=[1.0, 2.0], scale=0.5}
)",
                 R"(
  input x: f32
  const y/constant = f32[]{0.5}
  const y/constant_3 = f32[2,1,1]{1, 2}
  y/CastLike: ? = CastLike "y/CastLike"(y/constant_3, x)
  y/Mul: ? = Mul "y/Mul"(x, y/constant)
  y: ? = Add(y/Mul, y/CastLike)
)");
}

TEST(Upgrade, Crop) {
  expect_upgrade(1, R"(
  input x: f32
  y: ? = Crop(x) {border=[1, 2, 0, 4]}
)",
                 R"(
  input x: f32
  const y/constant = i64[2]{2, 1}
  const y/constant_4 = i64[2]{4, 0}
  const y/constant_6 = i64[2]{2, 3}
  y/Shape: ? = Shape "y/Shape"(x) {end=4, start=2}
  y/Sub: ? = Sub "y/Sub"(y/Shape, y/constant_4)
  y: ? = Slice(x, y/constant, y/Sub, y/constant_6)
)");
}

TEST(Upgrade, NestedGraphsToo) {
  expect_upgrade(11, R"(
  input x: f32
  y: ? = If(x) {then_branch=graph "t" {
    capture x: f32 = x
    s: ? = Squeeze(x)
    u: ? = Unsqueeze(s) {axes=[0]}
    output u
  }}
)",
                 R"(
  input x: f32
  y: ? = If(x) {then_branch=graph "t" {
    capture x: f32 = x
    const u/constant = i64[1]{0}
    s: ? = Squeeze(x)
    u: ? = Unsqueeze(s, u/constant)
    output u
  }}
)");
}

TEST(Upgrade, ReferencesInFunctions) {
  expect_upgrade(11, R"(
  input x: f32
  y: ? = ReduceSum(x) {axes=@axes:integers, keepdims=@k}
)",
                 R"(
  input x: f32
  y/Constant: ? = Constant "y/Constant"() {value_ints=@axes:integers}
  y: ? = ReduceSum(x, y/Constant) {keepdims=@k}
)");
}

TEST(Upgrade, OperatorsOfOtherDomainsStay) {
  expect_upgrade(6, "\n  y: ? = my.domain::Add() {axis=1, broadcast=1}\n",
                 "\n  y: ? = my.domain::Add() {axis=1, broadcast=1}\n");
}

TEST(Upgrade, LabelEncoder) {
  Graph graph =
      graph_of("input x: string y: ? = ai.onnx.ml::LabelEncoder(x) {classes_strings=[\"a\", \"b\"]}");
  upgrade(graph, {{"ai.onnx.ml", 1}});
  EXPECT_THAT(write_graph(graph), HasSubstr("{keys_strings=[\"a\", \"b\"], values_int64s=[0, 1]}"));
}

TEST(Upgrade, SaysWhatHasNoNewestForm) {
  EXPECT_EQ(error_of(7, "input x: f32 y: ? = BatchNormalization \"bn\"(x, x, x, x, x) {spatial=0}"),
            "BatchNormalization 'bn': spatial = 0 (statistics for each activation) left ONNX with opset 9");
  EXPECT_THAT(error_of(11,
                       "input x: f32 y: ? = Resize(x) "
                       "{coordinate_transformation_mode=\"tf_half_pixel_for_nn\"}"),
              HasSubstr("tf_half_pixel_for_nn left ONNX with opset 13"));
  EXPECT_THAT(error_of(8, "input x: f32 y: ? = Scan(x, x, x)"), HasSubstr("sequence_lens left"));
  EXPECT_THAT(error_of(1, "input x: f32 y: ? = Cast(x) {to=\"FLOTA\"}"),
              HasSubstr("Cast: attribute 'to': expected the name of an element type, got 'FLOTA'"));
  EXPECT_THAT(error_of(28, "y: ? = Relu()"),
              HasSubstr("version 28 of the operators of 'ai.onnx': the newest that Atlas knows is 27"));
  Graph graph = graph_of("y: ? = Relu()");
  EXPECT_THROW(upgrade(graph, {{"ai.onnx.ml", 1}}), Error);
}

}  // namespace
}  // namespace atlas::onnx
