// Compiled files: the same answers, a word where they do not serve, errors where they are damaged.
#include "atlas/run/compiled_model.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include "atlas/base/error.h"
#include "atlas/base/file.h"
#include "atlas/base/rng.h"
#include "atlas/formats/compiled_file.h"
#include "atlas/formats/model_file.h"
#include "atlas/graph/graph_diff.h"
#include "atlas/graph/text_parser.h"
#include "atlas/targets/cpu/kernels/isa.h"
#include "atlas/tensor/compare.h"

namespace atlas {
namespace {

namespace fs = std::filesystem;
using ::testing::HasSubstr;

const Registry& registry() {
  static const Registry all = standard_registry();
  return all;
}

constexpr const char* kConvolutions = R"(graph "convolutions" {
  input x: f32[N,3,16,16]
  input w0: f32[32,3,3,3]
  input w1: f32[32,32,3,3]
  input w2: f32[32,1,3,3]
  input w3: f32[10,32]
  a: ? = Conv(x, w0) {pads=[1, 1, 1, 1]}
  b: ? = Relu(a)
  c: ? = Conv(b, w1) {pads=[1, 1, 1, 1]}
  d: ? = Add(c, b)
  e: ? = Conv(d, w2) {group=32, strides=[2, 2]}
  f: ? = GlobalAveragePool(e)
  g: ? = Flatten(f)
  y: ? = Gemm(g, w3) {transB=1}
  output y
})";

constexpr const char* kTransformer = R"(graph "transformer" {
  input ids: i64[B,T]
  input w0: f32[50,32]
  input w1: f32[32,96]
  input w2: f32[32]
  input w3: f32[32,32]
  const places = i64[3]{32, 32, 32}
  e: ? = Gather(w0, ids)
  n: ? = LayerNormalization(e, w2)
  qkv: ? = MatMul(n, w1)
  q: ?, k: ?, v: ? = Split(qkv, places) {axis=-1}
  a: ? = Attention(q, k, v) {kv_num_heads=4, q_num_heads=4}
  o: ? = MatMul(a, w3)
  r: ? = Add(o, e)
  y: ? = Gelu(r)
  output y
})";

constexpr const char* kRecurrent = R"(graph "recurrent" {
  input x: f32[T,1,8]
  input w0: f32[1,64,8]
  input w1: f32[1,64,16]
  input w2: f32[1,48,16]
  input w3: f32[1,48,16]
  const axis = i64[1]{1}
  s: ? = LSTM(x, w0, w1) {hidden_size=16}
  t: ? = Squeeze(s, axis)
  y: ? = GRU(t, w2, w3) {hidden_size=16}
  output y
})";

constexpr const char* kQuantized = R"(graph "quantized" {
  input x: f32[1,16,8,8]
  input w0: i8[16,16,3,3]
  input w1: i8[64,8]
  const s = f32[]{0.01}
  const z = u8[]{128}
  const sizes = i64[2]{1, 64}
  const axes = i64[2]{2, 3}
  xq: ? = QuantizeLinear(x, s, z)
  xr: ? = DequantizeLinear(xq, s, z)
  wr: ? = DequantizeLinear(w0, s)
  c: ? = Conv(xr, wr) {strides=[4, 4]}
  q: ? = QuantizeLinear(c, s, z)
  r: ? = DequantizeLinear(q, s, z)
  f: ? = Reshape(r, sizes)
  wm: ? = DequantizeLinear(w1, s)
  m: ? = MatMul(f, wm)
  y: ? = QuantizeLinear(m, s, z)
  output y
})";

constexpr const char* kBranches = R"(graph "branches" {
  input x: f32[2,16]
  input w0: f32[16,16]
  const limit = f32[]{0}
  h: ? = MatMul(x, w0)
  total: ? = ReduceSum(h) {keepdims=0}
  is_more: ? = Greater(total, limit)
  y: ? = If(is_more) {else_branch=graph "no" { capture h: f32[2,16] = h  z: ? = Neg(h)  output z }, then_branch=graph "yes" { capture h: f32[2,16] = h  capture w: f32[16,16] = w0  z: ? = MatMul(h, w)  output z }}
  output y
})";

constexpr const char* kTrees = R"(graph "trees" {
  input x: f32[N,2]
  y: ? = ai.onnx.ml::TreeEnsembleRegressor(x) {n_targets=1, nodes_falsenodeids=[2, 0, 0], nodes_featureids=[1, 0, 0], nodes_modes=["BRANCH_LEQ", "LEAF", "LEAF"], nodes_nodeids=[0, 1, 2], nodes_treeids=[0, 0, 0], nodes_truenodeids=[1, 0, 0], nodes_values=[0.5, 0.0, 0.0], target_ids=[0, 0], target_nodeids=[1, 2], target_treeids=[0, 0], target_weights=[1.5, -2.5]}
  output y
})";

Datum random_tensor(const Type& type, std::uint64_t seed) {
  Shape shape;
  for (const Dim& dim : *type.dims) shape.push_back(dim.is_constant() ? dim.value() : 3);
  Rng rng(seed);
  Tensor out(type.dtype, shape);
  if (type.dtype == DType::F32)
    for (float& value : out.values_mutable<float>()) value = static_cast<float>(rng.normal());
  if (type.dtype == DType::I8)
    for (std::int8_t& value : out.values_mutable<std::int8_t>())
      value = static_cast<std::int8_t>(rng.next_u32());
  if (type.dtype == DType::I64)
    for (std::int64_t& value : out.values_mutable<std::int64_t>()) value = rng.next_u32() % 50;
  return out;
}

// Inputs "w0", "w1", ... are weights: they become constants.
Graph model(const char* text) {
  Graph graph = parse_graph(text);
  std::vector<ValueId> inputs;
  for (const ValueId id : graph.inputs) {
    Value& value = graph.value(id);
    if (value.name[0] == 'w') {
      value.constant = random_tensor(value.type, index(id)).tensor();
    } else {
      inputs.push_back(id);
    }
  }
  graph.inputs = inputs;
  return graph;
}

std::vector<Datum> run(const Session& session) {
  std::vector<Datum> inputs;
  for (const Port& port : session.inputs()) inputs.push_back(random_tensor(port.type, 7));
  return session.run(inputs);
}

class CompiledModelTest : public testing::TestWithParam<const char*> {
 protected:
  void SetUp() override {
    path_ = fs::temp_directory_path() / fmt::format("compiled_model_test_{}.atlas", getpid());
  }
  void TearDown() override { fs::remove(path_); }

  void expect_answers_of(const Graph& graph, const OpenedSession& opened) {
    const std::vector<Datum> got = run(opened.session), expected = run(Session(graph, registry(), options_));
    ASSERT_EQ(got.size(), expected.size());
    for (std::size_t i = 0; i < got.size(); ++i) EXPECT_EQ(difference(got[i], expected[i], {0, 0}), "");
  }

  std::string error_of_opening() {
    try {
      run(open_session(path_, registry(), options_).session);
    } catch (const Error& error) {
      return error.what();
    }
    return "";
  }

  fs::path path_;
  SessionOptions options_{.threads = 1};
};

TEST_P(CompiledModelTest, GivesTheSameBits) {
  const Graph graph = model(GetParam());
  compile_to_file(graph, path_, registry(), options_);
  const OpenedSession opened = open_session(path_, registry(), options_);
  EXPECT_EQ(opened.notice, "");
  EXPECT_EQ(opened.graph_name, graph.name);
  expect_answers_of(graph, opened);
  const Session whole(graph, registry(), options_);
  ASSERT_EQ(opened.session.inputs().size(), whole.inputs().size());
  for (std::size_t i = 0; i < whole.inputs().size(); ++i) {
    EXPECT_EQ(opened.session.inputs()[i].name, whole.inputs()[i].name);
    EXPECT_EQ(text(opened.session.inputs()[i].type), text(whole.inputs()[i].type));
  }
  EXPECT_EQ(opened.session.outputs()[0].name, whole.outputs()[0].name);
  // A second session stands on the same file.
  expect_answers_of(graph, open_session(path_, registry(), options_));
}

TEST_P(CompiledModelTest, KeepsItsModel) {
  const Graph graph = model(GetParam());
  compile_to_file(graph, path_, registry(), options_);
  EXPECT_TRUE(diff_graphs(load_model(path_), graph).is_empty());
}

TEST_P(CompiledModelTest, IsCompiledAnewForAnotherProcessor) {
  const Graph graph = model(GetParam());
  compile_to_file(graph, path_, registry(), options_);
  const cpu::ScopedIsa other(cpu::supported_isas().front());
  if (cpu::supported_isas().size() == 1) GTEST_SKIP() << "this processor has one instruction set alone";
  const OpenedSession opened = open_session(path_, registry(), options_);
  EXPECT_THAT(opened.notice, HasSubstr("compiling its model anew"));
  expect_answers_of(graph, opened);
}

TEST_P(CompiledModelTest, IsRefusedWhereItEndsTooEarly) {
  compile_to_file(model(GetParam()), path_, registry(), options_, false);
  const std::vector<std::uint8_t> whole = read_file(path_);
  // A text form is asked for where not even the first bytes are there.
  for (std::size_t size = 8; size + 64 < whole.size(); size += 1 + size / 7) {
    write_file(path_, std::span(whole).first(size));
    EXPECT_THAT(error_of_opening(), HasSubstr(path_.string())) << size << " bytes";
  }
}

TEST_P(CompiledModelTest, IsRefusedWhereABitIsWrong) {
  compile_to_file(model(GetParam()), path_, registry(), options_, false);
  const std::vector<std::uint8_t> whole = read_file(path_);
  const std::vector<Datum> expected = run(open_session(path_, registry(), options_).session);
  for (std::size_t at = 8; at < whole.size(); at += 1 + at / 23) {
    std::vector<std::uint8_t> damaged = whole;
    damaged[at] ^= static_cast<std::uint8_t>(1 << at % 8);
    write_file(path_, damaged);
    try {
      // Between sections nothing is read.
      const std::vector<Datum> got = run(open_session(path_, registry(), options_).session);
      EXPECT_EQ(difference(got[0], expected[0], {0, 0}), "") << "byte " << at;
      EXPECT_EQ(whole[at], 0) << "byte " << at;
    } catch (const Error& error) {
      EXPECT_THAT(error.what(), HasSubstr(path_.string())) << "byte " << at;
    }
  }
}

INSTANTIATE_TEST_SUITE_P(Models, CompiledModelTest,
                         testing::Values(kConvolutions, kTransformer, kRecurrent, kQuantized, kBranches,
                                         kTrees),
                         [](const auto& one) { return parse_graph(one.param).name; });

TEST_F(CompiledModelTest, SaysWhatToDoWhereItHoldsNoModel) {
  compile_to_file(model(kConvolutions), path_, registry(), options_, false);
  SessionOptions other = options_;
  other.passes.disabled = {"fold-affine"};
  try {
    open_session(path_, registry(), other);
    FAIL();
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), ErrorCode::Unsupported);
    EXPECT_THAT(error.what(), HasSubstr("no pass fold-affine"));
    EXPECT_THAT(error.what(), HasSubstr("compile the model again here"));
  }
  EXPECT_THROW(load_model(path_), Error);
}

TEST_F(CompiledModelTest, IsCompiledAnewWhereItsModelIsChanged) {
  const Graph graph = model(kConvolutions);
  compile_to_file(graph, path_, registry(), options_);
  const OpenedSession opened = open_session(path_, registry(), options_, [](Graph& changed) {
    changed.value(changed.inputs[0]).type = parse_type("f32[3,3,16,16]");
  });
  EXPECT_THAT(opened.notice, HasSubstr("its model is to be changed"));
  expect_answers_of(graph, opened);
}

TEST_F(CompiledModelTest, LeavesPackedWeightsOutOfTheProgram) {
  const Graph graph = model(kTransformer);
  compile_to_file(graph, path_, registry(), options_, false);
  CompiledFile file(path_);
  const CompiledModel compiled = file.compiled({});
  EXPECT_EQ(compiled.program.packed.size(), 2u);
  EXPECT_EQ(compiled.program.packed_away.size(), 2u);
  for (const PackedPart& part : compiled.program.packed)
    EXPECT_EQ(reinterpret_cast<std::uintptr_t>(part.data.get()) % 64, 0u);
}

// What a stranger could write: sound checksums around a program that does not hold together.
TEST_F(CompiledModelTest, IsRefusedWhereItContradictsItself) {
  compile_to_file(model(kTransformer), path_, registry(), options_, false);
  CompiledFile file(path_);
  const CompiledModel sound = file.compiled({});
  const auto expect_refused = [&](CompiledModel made, const std::string& why) {
    write_compiled(path_, made, nullptr);
    EXPECT_THAT(error_of_opening(), HasSubstr(why));
  };
  CompiledModel made = sound;
  made.program.packed.pop_back();
  expect_refused(made, "bytes more as part 1");
  made = sound;
  made.program.packed.push_back(made.program.packed[0]);
  expect_refused(made, "expected 2 parts, got 3");
  made = sound;
  made.program.packed[0].size_bytes -= 64;
  expect_refused(made, "as part 0, got");
  made = sound;
  made.program.packed_away.push_back(made.program.graph.find("w0"));
  expect_refused(made, "constant 'w0': its elements were packed away");
  made = sound;
  made.program.graph.value(made.program.graph.find("e")).type = parse_type("f32[B,T,31]");
  expect_refused(made, "'e'");
  made = sound;
  made.inputs.clear();
  expect_refused(made, "expected a program of 0 inputs");
  made = sound;
  made.program.graph.outputs.clear();
  expect_refused(made, "1 outputs, got");
}

TEST_F(CompiledModelTest, LeavesNothingHalfWritten) {
  const fs::path nowhere = fs::temp_directory_path() / "no such folder" / "m.atlas";
  EXPECT_THROW(compile_to_file(model(kTrees), nowhere, registry(), options_), Error);
  EXPECT_FALSE(fs::exists(nowhere));
  options_.target = "reference";
  try {
    compile_to_file(model(kTrees), path_, registry(), options_);
    FAIL();
  } catch (const Error& error) {
    EXPECT_STREQ(error.what(), "target reference: its programs cannot be kept in a file");
  }
  EXPECT_FALSE(fs::exists(path_));
}

}  // namespace
}  // namespace atlas
