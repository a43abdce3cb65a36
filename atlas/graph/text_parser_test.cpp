// The text form: what is written reads back as the same graph, and what is malformed is refused by place.
#include "atlas/graph/text_parser.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <bit>

#include "atlas/base/error.h"
#include "atlas/graph/text_writer.h"
#include "atlas/graph/verify.h"
#include "atlas/tensor/elements.h"

namespace atlas {
namespace {

using ::testing::HasSubstr;

std::string error_of(std::string_view text, ErrorCode code = ErrorCode::InvalidArgument) {
  try {
    parse_graph(text, "m.txt");
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), code);
    return error.what();
  }
  return "no error";
}

constexpr std::string_view kEverything = R"(graph "main" {
  meta "licence" = "MIT"
  meta "note" = "a \"quote\", a line\nand \xff"
  function my.domain::Scale "v2"(alpha=2.0, beta) graph "Scale" {
    input x: ?
    y: ? = Foo(x) {alpha=@alpha:real, beta=@beta}
    output y
  }
  input x: f32[N,3,`dim 0`,floor_div(N,2)+1]
  input k: i64[] = i64[]{5}
  input s: sequence(optional(map(string,f32[2])))
  const w = f32[2]{1, 2.5}
  const "_" = string[2]{"a", "β"}
  "9:0": f32[?,3], _ = Conv "the conv"(x, w, _) {auto_pad="SAME", group=1, scale=1.0, strides=[2, 2]}
  z: any = If(k) {else_branch=graph "else" {
    capture p: f32 = "9:0"
    q: ? = Loop(p) {body=graph "body" {
      capture r: ? = p
      output r
    }}
    output q
  }, then_branch=graph "then" {
    const c = f32[]{-0}
    output c
  }}
  t: sparse(f32[3]) = my.domain::Scale::v2(z) {a=integers[], b=reals[], c=strings[], d=tensors[], e=graphs[], f=types[], g=[1.0, inf, nan, -inf], h=["x", ""], i=[f32[]{1}, i8[0]{}], j=[graph "g" {
  }], k=[type f32[2], type ?], l=type sequence(f32), m=sparse [9] f32[1]{2} i64[1]{4}, n=-3, o=1e-05, p=nan(0x7f800001)}
  () = Sink(t)
  output z
  output x
}
)";

TEST(TextForm, WritesWhatItRead) {
  const Graph graph = parse_graph(kEverything);
  EXPECT_EQ(write_graph(graph), kEverything);
}

TEST(TextForm, NodesMayStandInAnyOrder) {
  const Graph graph =
      parse_graph("graph \"g\" { b: ? = Relu(a) a: ? = Relu(x) # back\n input x: f32 output b }");
  verify(graph);
  EXPECT_EQ(graph.node(graph.order()[0]).outputs[0], graph.find("a"));
}

TEST(TextForm, EveryElementTypeKeepsItsBits) {
  for (int number = 1; number < kDTypeCount; ++number) {
    const auto dtype = static_cast<DType>(number);
    for (const std::int64_t count : {std::int64_t{24}, std::int64_t{512}}) {
      if (dtype == DType::String) continue;
      Tensor tensor(dtype, {count});
      auto* bytes = static_cast<std::uint8_t*>(tensor.raw_mutable());
      for (std::size_t i = 0; i < tensor.size_bytes(); ++i)
        bytes[i] = static_cast<std::uint8_t>(dtype == DType::Bool ? i % 2 : i * 151 + 101);
      Graph graph;
      graph.outputs.push_back(graph.add_constant("c", tensor));
      const Graph back = parse_graph(write_graph(graph));
      EXPECT_TRUE(identical(back.value(back.find("c")).constant, tensor)) << name(dtype) << count;
    }
  }
  for (const DType dtype : {DType::F16, DType::BF16}) {
    Graph graph;
    for (std::uint32_t first = 0; first < 65536; first += 16) {
      Tensor tensor(dtype, {16});
      for (std::uint32_t i = 0; i < 16; ++i)
        static_cast<std::uint16_t*>(tensor.raw_mutable())[i] = static_cast<std::uint16_t>(first + i);
      graph.add_constant("c" + std::to_string(first), tensor);
    }
    const Graph back = parse_graph(write_graph(graph));
    for (std::size_t i = 0; i < graph.value_count(); ++i) {
      const ValueId id{static_cast<std::int32_t>(i)};
      ASSERT_TRUE(identical(graph.value(id).constant, back.value(back.find(graph.value(id).name)).constant));
    }
  }
}

TEST(TextForm, ElidedConstantsAreForPeople) {
  Graph graph;
  graph.outputs.push_back(graph.add_constant("big", Tensor::of<float>({3}, {1, 2, 3})));
  const std::string text = write_graph(graph, {.elide_above = 2});
  EXPECT_THAT(text, HasSubstr("const big = f32[3]{...}"));
  EXPECT_EQ(error_of(text), "m.txt:2:22: this constant was left out when the text was written");
}

TEST(TextForm, AttributesMayCaptureValuesOfTheirGraph) {
  Graph graph;
  graph.add_input("x", Type::tensor(DType::F32));
  const Attributes attributes =
      parse_attributes(R"(axis=1, body=graph "b" { capture p: ? = x  output p })", graph);
  EXPECT_EQ(attributes.integer("axis", 0), 1);
  EXPECT_EQ(graph.value((*attributes.get<Box<Graph>>("body"))->captures.at(0).outer).name, "x");
  EXPECT_EQ(parse_attributes("", graph).size(), 0u);

  for (const auto& [text, message] :
       {std::pair{"axis=1, axis=2", "'axis' stands twice"}, std::pair{"axis=1 pads=[2]", "expected ','"},
        std::pair{R"(b=graph "b" { capture p: ? = y  output p })", "no 'y'"}}) {
    try {
      parse_attributes(text, graph);
      FAIL() << text;
    } catch (const Error& error) {
      EXPECT_THAT(error.what(), HasSubstr(message));
    }
  }
  EXPECT_EQ(graph.value_count(), 1u);
}

TEST(TextForm, ErrorsNameThePlace) {
  EXPECT_EQ(error_of("graph \"g\" {\n  input x f32\n}"), "m.txt:2:11: expected ':', got 'f32'");
  EXPECT_EQ(error_of("graph \"g\" {"), "m.txt:1:12: expected a name, got the end of the text");
  EXPECT_THAT(error_of("graph \"g\" { output y }"), HasSubstr("'y' is used in graph 'g' but never defined"));
  EXPECT_THAT(error_of("graph \"g\" { input x: f32 x: f32 = A() }"), HasSubstr("'x' is defined twice"));
  EXPECT_THAT(error_of("graph \"g\" { input x: f33 }"), HasSubstr("expected a type, got 'f33'"));
  EXPECT_THAT(error_of("graph \"g\" { input x: f32[2*] }"), HasSubstr("expected a number or a name"));
  EXPECT_THAT(error_of("graph \"g\" { const c = i8[2]{1, 200} }"), HasSubstr("in [-128, 127], got 200"));
  EXPECT_THAT(error_of("graph \"g\" { const c = i8[3]{1, 2} }"),
              HasSubstr("expected 3 elements for shape [3], got 2"));
  EXPECT_THAT(error_of("graph \"g\" { const c = f32[1]base64\"AAA=\" }"), HasSubstr("expected 4 bytes"));
  EXPECT_THAT(error_of("graph \"g\" { y: ? = A() {a=[1, 2.0]} }"), HasSubstr("expected an integer"));
  EXPECT_THAT(error_of("graph \"g\" { y: ? = A() {a=\"\\q\"} }"), HasSubstr("escapes"));
}

TEST(TextForm, HostileSizesAreRefusedBeforeMemoryIsTaken) {
  EXPECT_THAT(error_of("graph \"g\" { const c = f32[99999999999]{1} }"), HasSubstr("expected 99999999999"));
  EXPECT_THAT(error_of("graph \"g\" { const c = f32[9999999999,9999999999]{1} }"), HasSubstr("2^48"));
  std::string deep;
  for (int i = 0; i < 1000; ++i) deep += "graph \"g\" { y: ? = A() {b=";
  EXPECT_THAT(error_of(deep, ErrorCode::ResourceExhausted), HasSubstr("graphs nest more than 64 deep"));
  const auto parse_two = [](const Limits& limits) {
    parse_graph("graph \"g\" {\n y: ? = A()\n z: ? = A() {b=graph \"h\" { w: ? = A() }} }", "file", limits);
  };
  parse_two({.nodes = 3, .nesting = 1});
  EXPECT_THROW(parse_two({.nodes = 2}), Error);
  EXPECT_THROW(parse_two({.nesting = 0}), Error);
  std::string type;
  for (int i = 0; i < 100000; ++i) type += "sequence(";
  EXPECT_THROW(parse_type(type), Error);
}

TEST(TextForm, NoPrefixOfATextCrashes) {
  for (std::size_t size = 0; size + 1 < kEverything.size(); ++size)
    EXPECT_NE(error_of(kEverything.substr(0, size)), "no error") << size;
}

}  // namespace
}  // namespace atlas
