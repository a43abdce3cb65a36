// What is written reads back as the same graph, wherever its constants went.
#include "atlas/formats/onnx/onnx_writer.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <cstring>

#include "atlas/base/error.h"
#include "atlas/base/file.h"
#include "atlas/formats/onnx/datum_proto.h"
#include "atlas/formats/onnx/onnx_reader.h"
#include "atlas/graph/text_parser.h"
#include "atlas/graph/text_writer.h"

namespace atlas {
namespace {

namespace fs = std::filesystem;
using ::testing::HasSubstr;

std::shared_ptr<Buffer> buffer_of(const std::string& bytes) {
  auto buffer = Buffer::allocate(bytes.size());
  if (!bytes.empty()) std::memcpy(buffer->data(), bytes.data(), bytes.size());
  return buffer;
}

constexpr std::string_view kEverything = R"(graph "main" {
  meta "licence" = "MIT"
  meta "onnx.doc_string" = "a model"
  meta "onnx.domain" = "org.example"
  meta "onnx.model_version" = "7"
  meta "onnx.producer_name" = "tester"
  meta "onnx.producer_version" = "1.0"
  function my.domain::Scale "v2"(alpha=2.0, beta) graph "Scale" {
    input x: ?
    const two = f32[]{2}
    y: ? = Foo(x, two) {alpha=@alpha:real, beta=@beta:integers}
    output y
  }
  input x: f32[N,3,`dim 0`,floor_div(N,2)+1]
  input k: i64[] = i64[]{5}
  input s: sequence(optional(map(string,f32[2])))
  input u: sequence(?)
  const w = f32[2]{1, 2.5}
  const names = string[2]{"a", "β"}
  const nibbles = i4[3]{-8, 7, 1}
  a: f32[?,3], _ = Conv "the conv"(x, w, _) {auto_pad="SAME", group=1, scale=1.0, strides=[2, 2]}
  z: any = If(k) {else_branch=graph "else" {
    capture a: f32[?,3] = a
    q: f32[] = Loop(a) {body=graph "body" {
      capture a: f32[?,3] = a
      output a
    }}
    output q
  }, then_branch=graph "then" {
    const c = f32[]{-0}
    output c
  }}
  t: sparse(f32[3]) = my.domain::Scale::v2(z) {a=integers[], b=reals[], c=strings[], d=tensors[], e=graphs[], f=types[], g=[1.0, inf], h=["x", ""], i=[f32[]{1}, i8[0]{}], j=[graph "g" {
  }], k=[type f32[2], type ?], l=type sequence(f32), m=sparse [9] f32[1]{2} i64[1]{4}, n=-3}
  output z
  output t
}
)";

TEST(OnnxWriter, WhatIsWrittenReadsBackTheSame) {
  const Graph graph = parse_graph(kEverything);
  EXPECT_EQ(write_graph(read_onnx(buffer_of(write_onnx(graph)))), kEverything);
}

TEST(OnnxWriter, NamesOfNestedGraphsGiveWayToThoseAround) {
  const Graph graph = parse_graph(R"(graph "g" { input x: bool
    y: ? = If(x) {then_branch=graph "t" { capture p: bool = x  x: ? = Not(p)  output x }}  output y })");
  const std::string text = write_graph(read_onnx(buffer_of(write_onnx(graph))));
  EXPECT_THAT(text, HasSubstr("capture x: bool = x\n    x_1: ? = Not(x)\n    output x_1"));
}

TEST(OnnxWriter, NodesGetNamesOfTheirOwn) {
  const Graph graph =
      parse_graph("graph \"g\" { input x: f32 y: ? = Abs \"n\"(x) z: ? = Exp \"n\"(y) output z }");
  EXPECT_THAT(write_graph(read_onnx(buffer_of(write_onnx(graph)))), HasSubstr("z: ? = Exp \"n_1\"(y)"));
}

TEST(OnnxWriter, RefusesOpsetsOutOfRangeAndWhatTheyCannotExpress) {
  const Graph graph = parse_graph("graph \"g\" { input x: f32 y: ? = Gelu \"n\"(x) output y }");
  const auto error_of = [&](std::int64_t opset) {
    try {
      write_onnx(graph, {.opset = opset});
    } catch (const Error& error) {
      EXPECT_EQ(error.code(), ErrorCode::Unsupported);
      return std::string(error.what());
    }
    return std::string("no error");
  };
  EXPECT_EQ(error_of(20), "no error");
  EXPECT_EQ(error_of(19), "Gelu 'n': it came with opset 20");
  EXPECT_EQ(error_of(6), "opset 6: expected one from 7 to 27");
  EXPECT_EQ(error_of(99), "opset 99: expected one from 7 to 27");
}

TEST(OnnxWriter, OlderOpsetsReadBackAsTheNewest) {
  const std::string text = R"(graph "g" {
  input x: f32[1,2]
  const axes = i64[1]{0}
  y: f32[2] = Squeeze(x, axes)
  output y
}
)";
  const Graph back = read_onnx(buffer_of(write_onnx(parse_graph(text), {.opset = 11})));
  EXPECT_THAT(write_graph(back), HasSubstr("y: f32[2] = Squeeze(x, y/constant)"));
}

class OnnxFiles : public ::testing::Test {
 protected:
  OnnxFiles() : folder_(fs::temp_directory_path() / fmt::format("atlas_writer_{}", getpid())) {
    fs::create_directories(folder_);
  }
  ~OnnxFiles() override { fs::remove_all(folder_); }

  fs::path folder_;
};

TEST_F(OnnxFiles, ExternalDataLiesBesideTheModel) {
  Graph graph;
  graph.name = "g";
  Tensor big(DType::F32, {2048});
  for (std::size_t i = 0; i < 2048; ++i) big.values_mutable<float>()[i] = static_cast<float>(i);
  graph.outputs.push_back(graph.add_constant("big", big));
  graph.outputs.push_back(graph.add_constant("other", big.clone()));
  graph.outputs.push_back(graph.add_constant("small", Tensor::scalar(1.0f)));
  write_onnx(graph, folder_ / "m.onnx", {.external_data = true});
  EXPECT_EQ(fs::file_size(folder_ / "m.onnx.data"), 2 * 8192u);
  EXPECT_LT(fs::file_size(folder_ / "m.onnx"), 1000u);
  EXPECT_EQ(write_graph(read_onnx(folder_ / "m.onnx")), write_graph(graph));
}

TEST_F(OnnxFiles, NothingIsLeftWhereWritingFails) {
  const Graph graph = parse_graph("graph \"g\" { input x: f32 y: ? = Gelu(x) output y }");
  EXPECT_THROW(write_onnx(graph, folder_ / "m.onnx", {.opset = 7}), Error);
  EXPECT_TRUE(fs::is_empty(folder_));
}

TEST(TensorProto, EveryTypeReadsBack) {
  for (int number = 1; number < kDTypeCount; ++number) {
    const auto dtype = static_cast<DType>(number);
    Tensor tensor(dtype, {3, 4});
    if (dtype == DType::String) {
      tensor.values_mutable<std::string>()[5] = "five";
    } else {
      std::memset(tensor.raw_mutable(), 1, tensor.size_bytes());
    }
    const Datum back =
        read_onnx_datum(buffer_of(write_tensor_proto(tensor, "t")), Type::tensor(dtype), "t.pb");
    EXPECT_TRUE(identical(back.tensor(), tensor)) << name(dtype);
  }
}

}  // namespace
}  // namespace atlas
