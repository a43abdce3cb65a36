// The C interface as a caller meets it: handles, sized structs, memory lent both ways, errors that stay
// inside.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <array>
#include <cstring>
#include <limits>
#include <string>
#include <vector>

#include "capi/include/atlas/atlas.h"

namespace {

using ::testing::HasSubstr;

constexpr const char* kScale = R"(graph "scale" {
  input x: f32[N,2]
  input factor: f32[] = f32[]{2}
  y: f32[N,2] = Mul(x, factor)
  output y
})";

// Checks the status and gives the message. The error is taken by reference, since the call that sets it is an
// argument too.
std::string message_of(AtlasStatus status, AtlasStatus wanted, AtlasError*& error) {
  EXPECT_EQ(status, wanted);
  EXPECT_EQ(atlas_error_status(error), wanted);
  const std::string out = atlas_error_message(error);
  atlas_error_free(error);
  return out;
}

AtlasSession* session_of(const char* text, const AtlasSessionOptions* options = nullptr) {
  AtlasGraph* graph = nullptr;
  AtlasError* error = nullptr;
  EXPECT_EQ(atlas_graph_parse(text, &graph, &error), ATLAS_OK) << atlas_error_message(error);
  AtlasSession* session = nullptr;
  EXPECT_EQ(atlas_session_new(graph, options, &session, &error), ATLAS_OK) << atlas_error_message(error);
  atlas_graph_free(graph);
  return session;
}

AtlasTensor floats(std::vector<float>& values, const std::vector<int64_t>& shape) {
  AtlasTensor out = ATLAS_INIT(AtlasTensor);
  out.dtype = ATLAS_F32;
  out.shape = shape.data();
  out.rank = shape.size();
  out.data = values.data();
  out.size_bytes = values.size() * sizeof(float);
  return out;
}

TEST(CInterface, RunsInTheCallersMemory) {
  AtlasSession* session = session_of(kScale);
  std::vector<float> in{1, 2, 3, 4};
  std::vector<float> out(4);
  const std::vector<int64_t> shape{2, 2};
  const AtlasTensor from = floats(in, shape);
  const AtlasTensor to = floats(out, shape);
  AtlasDatum* x = nullptr;
  AtlasDatum* y = nullptr;
  int released = 0;
  const auto release = [](void* count) { ++*static_cast<int*>(count); };
  ASSERT_EQ(atlas_datum_lend(&from, release, &released, &x, nullptr), ATLAS_OK);
  ASSERT_EQ(atlas_datum_lend(&to, nullptr, nullptr, &y, nullptr), ATLAS_OK);

  const AtlasDatum* inputs[] = {x, nullptr};
  AtlasDatum* outputs[] = {y};
  ASSERT_EQ(atlas_session_run(session, inputs, 2, outputs, 1, nullptr, nullptr), ATLAS_OK);
  EXPECT_EQ(outputs[0], y);
  EXPECT_EQ(out, (std::vector<float>{2, 4, 6, 8}));

  AtlasDatum* made[] = {nullptr};
  ASSERT_EQ(atlas_session_run(session, inputs, 2, made, 1, nullptr, nullptr), ATLAS_OK);
  AtlasTensor seen = ATLAS_INIT(AtlasTensor);
  ASSERT_EQ(atlas_datum_tensor(made[0], &seen, nullptr), ATLAS_OK);
  EXPECT_EQ(seen.dtype, ATLAS_F32);
  EXPECT_EQ(std::vector<int64_t>(seen.shape, seen.shape + seen.rank), shape);
  EXPECT_EQ(std::memcmp(seen.data, out.data(), seen.size_bytes), 0);

  EXPECT_EQ(released, 0);
  for (AtlasDatum* datum : {x, y, made[0]}) atlas_datum_free(datum);
  EXPECT_EQ(released, 1);
  atlas_session_free(session);
}

TEST(CInterface, TellsWhatASessionTakes) {
  AtlasSession* session = session_of(kScale);
  ASSERT_EQ(atlas_session_input_count(session), 2u);
  ASSERT_EQ(atlas_session_output_count(session), 1u);
  AtlasPort port = ATLAS_INIT(AtlasPort);
  ASSERT_EQ(atlas_session_input(session, 0, &port, nullptr), ATLAS_OK);
  EXPECT_STREQ(port.name, "x");
  EXPECT_STREQ(port.type, "f32[N,2]");
  EXPECT_EQ(port.dtype, ATLAS_F32);
  EXPECT_EQ(port.has_default, 0);
  EXPECT_EQ(std::vector<int64_t>(port.shape, port.shape + port.rank), (std::vector<int64_t>{-1, 2}));
  ASSERT_EQ(atlas_session_input(session, 1, &port, nullptr), ATLAS_OK);
  EXPECT_EQ(port.has_default, 1);
  EXPECT_NE(port.shape, nullptr);
  EXPECT_EQ(port.rank, 0u);
  AtlasError* error = nullptr;
  EXPECT_THAT(message_of(atlas_session_input(session, 2, &port, &error), ATLAS_INVALID_ARGUMENT, error),
              HasSubstr("below 2, got 2"));
  EXPECT_EQ(atlas_session_fallback_count(session), 0u);
  EXPECT_EQ(atlas_session_fallback(session, 0), nullptr);
  atlas_session_free(session);
}

TEST(CInterface, StructsOfOtherVersionsAreReadAsFarAsTheyGo) {
  // As a header would have it that knows only the target.
  AtlasSessionOptions old{};
  old.size = offsetof(AtlasSessionOptions, threads);
  old.threads = std::numeric_limits<size_t>::max();  // behind its end
  atlas_session_free(session_of(kScale, &old));

  struct Newer {
    AtlasSessionOptions known;
    uint64_t unknown;
  } newer{ATLAS_INIT(Newer), 0};
  atlas_session_free(session_of(kScale, &newer.known));

  AtlasGraph* graph = nullptr;
  ASSERT_EQ(atlas_graph_parse(kScale, &graph, nullptr), ATLAS_OK);
  AtlasSession* session = nullptr;
  AtlasError* error = nullptr;
  newer.unknown = 1;
  EXPECT_THAT(message_of(atlas_session_new(graph, &newer.known, &session, &error), ATLAS_UNSUPPORTED, error),
              HasSubstr("newer version"));
  AtlasSessionOptions zeros{};
  EXPECT_THAT(message_of(atlas_session_new(graph, &zeros, &session, &error), ATLAS_INVALID_ARGUMENT, error),
              HasSubstr("ATLAS_INIT"));
  EXPECT_EQ(session, nullptr);
  atlas_graph_free(graph);
}

TEST(CInterface, OptionsReachTheSession) {
  const char* none[] = {"no-such-pass"};
  AtlasSessionOptions options = ATLAS_INIT(AtlasSessionOptions);
  options.threads = 1;
  options.disabled_passes = none;
  options.disabled_pass_count = 1;
  AtlasGraph* graph = nullptr;
  ASSERT_EQ(atlas_graph_parse(kScale, &graph, nullptr), ATLAS_OK);
  AtlasSession* session = nullptr;
  AtlasError* error = nullptr;
  EXPECT_THAT(message_of(atlas_session_new(graph, &options, &session, &error), ATLAS_INVALID_ARGUMENT, error),
              HasSubstr("no-such-pass"));
  options.disabled_pass_count = 0;
  options.precision = "f8";
  EXPECT_THAT(message_of(atlas_session_new(graph, &options, &session, &error), ATLAS_INVALID_ARGUMENT, error),
              HasSubstr("precision: expected f32, bf16 or int8, got 'f8'"));
  options.precision = "int8";
  options.target = "abacus";
  EXPECT_THAT(message_of(atlas_session_new(graph, &options, &session, &error), ATLAS_NOT_FOUND, error),
              HasSubstr("target 'abacus': expected one of cpu"));
  atlas_graph_free(graph);

  constexpr const char* kWithoutKernel =
      "graph \"g\" { input x: f32[1,1,2,2]  y: ? = GlobalLpPool(x) {p=3}  output y }";
  session = session_of(kWithoutKernel);
  ASSERT_EQ(atlas_session_fallback_count(session), 1u);
  EXPECT_THAT(atlas_session_fallback(session, 0), HasSubstr("GlobalLpPool"));
  atlas_session_free(session);
  ASSERT_EQ(atlas_graph_parse(kWithoutKernel, &graph, nullptr), ATLAS_OK);
  options.precision = nullptr;
  options.target = nullptr;
  options.memory_limit_bytes = 8;
  ASSERT_EQ(atlas_session_new(graph, &options, &session, &error), ATLAS_OK);
  const float pixels[4] = {1, 2, 3, 4};
  const int64_t shape[4] = {1, 1, 2, 2};
  AtlasTensor lent = ATLAS_INIT(AtlasTensor);
  lent.dtype = ATLAS_F32;
  lent.is_read_only = 1;
  lent.shape = shape;
  lent.rank = 4;
  lent.data = const_cast<float*>(pixels);
  lent.size_bytes = sizeof pixels;
  AtlasDatum* in = nullptr;
  ASSERT_EQ(atlas_datum_lend(&lent, nullptr, nullptr, &in, nullptr), ATLAS_OK);
  AtlasDatum* out = nullptr;
  EXPECT_EQ(atlas_session_run(session, &in, 1, &out, 1, nullptr, nullptr), ATLAS_OK);  // 4 bytes
  atlas_datum_free(out);
  atlas_session_free(session);
  options.memory_limit_bytes = 3;
  ASSERT_EQ(atlas_session_new(graph, &options, &session, &error), ATLAS_OK);
  out = nullptr;
  EXPECT_THAT(message_of(atlas_session_run(session, &in, 1, &out, 1, nullptr, &error),
                         ATLAS_RESOURCE_EXHAUSTED, error),
              HasSubstr("limit of 3 bytes"));
  atlas_session_free(session);
  atlas_datum_free(in);
  options.memory_limit_bytes = 0;
  options.is_strict = 1;
  EXPECT_THAT(message_of(atlas_session_new(graph, &options, &session, &error), ATLAS_UNSUPPORTED, error),
              HasSubstr("no kernel"));
  atlas_graph_free(graph);
}

TEST(CInterface, RunsEndWhenToldTo) {
  AtlasSession* session = session_of(R"(graph "forever" {
    input x: f32[1]
    const trips = i64[]{9223372036854775807}
    y: ? = Loop(trips, _, x) {body=graph "body" {
      input i: i64[]  input go: bool[]  input v: f32[1]
      on: ? = Identity(go)  w: ? = Neg(v)
      output on  output w }}
    output y
  })");
  std::vector<float> one{1};
  const std::vector<int64_t> shape{1};
  const AtlasTensor from = floats(one, shape);
  AtlasDatum* x = nullptr;
  ASSERT_EQ(atlas_datum_lend(&from, nullptr, nullptr, &x, nullptr), ATLAS_OK);
  const AtlasDatum* inputs[] = {x};
  AtlasDatum* outputs[] = {nullptr};
  AtlasError* error = nullptr;
  AtlasRunOptions options = ATLAS_INIT(AtlasRunOptions);
  options.timeout_s = 0.01;
  message_of(atlas_session_run(session, inputs, 1, outputs, 1, &options, &error), ATLAS_DEADLINE_EXCEEDED,
             error);
  options.timeout_s = -1;
  message_of(atlas_session_run(session, inputs, 1, outputs, 1, &options, &error), ATLAS_INVALID_ARGUMENT,
             error);

  AtlasCancellation* cancellation = nullptr;
  ASSERT_EQ(atlas_cancellation_new(&cancellation, nullptr), ATLAS_OK);
  options.timeout_s = 0;
  options.cancellation = cancellation;
  atlas_cancellation_cancel(cancellation);
  message_of(atlas_session_run(session, inputs, 1, outputs, 1, &options, &error), ATLAS_CANCELLED, error);
  EXPECT_EQ(outputs[0], nullptr);
  atlas_cancellation_reset(cancellation);
  options.timeout_s = 0.01;
  message_of(atlas_session_run(session, inputs, 1, outputs, 1, &options, &error), ATLAS_DEADLINE_EXCEEDED,
             error);
  atlas_cancellation_free(cancellation);
  atlas_datum_free(x);
  atlas_session_free(session);
}

TEST(CInterface, CarriesStringsAndSequences) {
  AtlasSession* session = session_of(R"(graph "strings" {
    input x: string[N]
    input s: sequence(string[N])
    t: ? = SequenceInsert(s, x)
    output t
  })");
  const char* texts[] = {"one", "tw\0o"};
  const size_t lengths[] = {3, 4};
  const int64_t shape[] = {2};
  AtlasDatum* x = nullptr;
  ASSERT_EQ(atlas_datum_strings(texts, lengths, shape, 1, &x, nullptr), ATLAS_OK);
  AtlasDatum* s = nullptr;
  const AtlasDatum* elements[] = {x};
  ASSERT_EQ(atlas_datum_sequence(elements, 1, &s, nullptr), ATLAS_OK);
  const AtlasDatum* inputs[] = {x, s};
  AtlasDatum* outputs[] = {nullptr};
  AtlasError* error = nullptr;
  ASSERT_EQ(atlas_session_run(session, inputs, 2, outputs, 1, nullptr, &error), ATLAS_OK)
      << atlas_error_message(error);
  EXPECT_EQ(atlas_datum_kind(outputs[0]), ATLAS_SEQUENCE);
  ASSERT_EQ(atlas_datum_count(outputs[0]), 2u);
  AtlasDatum* last = nullptr;
  ASSERT_EQ(atlas_datum_element(outputs[0], 1, &last, nullptr), ATLAS_OK);
  const char* text = nullptr;
  size_t length = 0;
  ASSERT_EQ(atlas_datum_string(last, 1, &text, &length, nullptr), ATLAS_OK);
  EXPECT_EQ(std::string(text, length), std::string("tw\0o", 4));
  EXPECT_THAT(message_of(atlas_datum_string(last, 2, &text, &length, &error), ATLAS_INVALID_ARGUMENT, error),
              HasSubstr("below 2"));
  for (AtlasDatum* datum : {x, s, last, outputs[0]}) atlas_datum_free(datum);
  atlas_session_free(session);
}

TEST(CInterface, BuildsAGraph) {
  AtlasGraph* graph = nullptr;
  ASSERT_EQ(atlas_graph_new("linear", &graph, nullptr), ATLAS_OK);
  AtlasValueId x = ATLAS_NO_VALUE;
  ASSERT_EQ(atlas_graph_input(graph, "x", "f32[N,2]", &x, nullptr), ATLAS_OK);
  std::vector<float> values{1, 2};
  const std::vector<int64_t> shape{2, 1};
  const AtlasTensor weights = floats(values, shape);
  AtlasDatum* w = nullptr;
  ASSERT_EQ(atlas_datum_lend(&weights, nullptr, nullptr, &w, nullptr), ATLAS_OK);
  const AtlasValueId inputs[] = {x, ATLAS_NO_VALUE};
  AtlasValueId ids[2] = {x, ATLAS_NO_VALUE};
  ASSERT_EQ(atlas_graph_constant(graph, w, &ids[1], nullptr), ATLAS_OK);
  atlas_datum_free(w);  // the graph keeps what it shares
  AtlasValueId y = ATLAS_NO_VALUE;
  ASSERT_EQ(atlas_graph_node(graph, "Gemm", ids, 2, "alpha=2.0", &y, 1, nullptr), ATLAS_OK);
  ASSERT_EQ(atlas_graph_output(graph, y, "y", nullptr), ATLAS_OK);
  AtlasValueId found = ATLAS_NO_VALUE;
  ASSERT_EQ(atlas_graph_find(graph, "y", &found, nullptr), ATLAS_OK);
  EXPECT_EQ(found, y);
  ASSERT_EQ(atlas_graph_verify(graph, nullptr), ATLAS_OK);
  char* text = nullptr;
  ASSERT_EQ(atlas_graph_text(graph, &text, nullptr), ATLAS_OK);
  EXPECT_THAT(text, HasSubstr("{alpha=2.0}"));
  atlas_string_free(text);

  AtlasError* error = nullptr;
  EXPECT_THAT(message_of(atlas_graph_input(graph, "y", "f32", &found, &error), ATLAS_INVALID_ARGUMENT, error),
              HasSubstr("a 'y' already"));
  EXPECT_THAT(message_of(atlas_graph_node(graph, "Relu", inputs, 1, "x", &y, 1, &error),
                         ATLAS_INVALID_ARGUMENT, error),
              HasSubstr("attributes:1:"));
  const AtlasValueId foreign[] = {77};
  EXPECT_THAT(message_of(atlas_graph_node(graph, "Relu", foreign, 1, nullptr, &y, 1, &error),
                         ATLAS_INVALID_ARGUMENT, error),
              HasSubstr("no value 77"));
  atlas_graph_free(graph);
}

TEST(CInterface, RefusesWhatMakesNoSense) {
  AtlasError* error = nullptr;
  AtlasGraph* graph = nullptr;
  EXPECT_THAT(message_of(atlas_graph_load("/no/such/model.onnx", &graph, &error), ATLAS_NOT_FOUND, error),
              HasSubstr("/no/such/model.onnx"));
  EXPECT_THAT(message_of(atlas_graph_load(nullptr, &graph, &error), ATLAS_INVALID_ARGUMENT, error),
              HasSubstr("path: expected a pointer"));
  message_of(atlas_graph_from_onnx("not a model", 11, &graph, &error), ATLAS_INVALID_ARGUMENT, error);
  EXPECT_EQ(atlas_graph_verify(nullptr, nullptr), ATLAS_INVALID_ARGUMENT);
  EXPECT_EQ(graph, nullptr);

  std::vector<float> values(3);
  const std::vector<int64_t> shape{2, 2};
  AtlasTensor tensor = floats(values, shape);
  AtlasDatum* datum = nullptr;
  EXPECT_THAT(
      message_of(atlas_datum_lend(&tensor, nullptr, nullptr, &datum, &error), ATLAS_INVALID_ARGUMENT, error),
      HasSubstr("expected 16 bytes of f32[2,2], got 12"));
  tensor.dtype = 99;
  message_of(atlas_datum_lend(&tensor, nullptr, nullptr, &datum, &error), ATLAS_INVALID_ARGUMENT, error);
  const int64_t huge[] = {1 << 30, 1 << 30};
  message_of(atlas_datum_new(ATLAS_F64, huge, 2, &datum, &error), ATLAS_INVALID_ARGUMENT, error);
  message_of(atlas_datum_new(ATLAS_F64, huge, 1000, &datum, &error), ATLAS_INVALID_ARGUMENT, error);
  EXPECT_EQ(datum, nullptr);

  AtlasSession* session = session_of(kScale);
  AtlasDatum* outputs[] = {nullptr};
  EXPECT_THAT(message_of(atlas_session_run(session, nullptr, 0, outputs, 1, nullptr, &error),
                         ATLAS_INVALID_ARGUMENT, error),
              HasSubstr("expected 2 inputs and 1 outputs, got 0 and 1"));
  // Memory of another shape than the output's.
  std::vector<float> in{1, 2};
  const std::vector<int64_t> row{1, 2};
  const AtlasTensor from = floats(in, row);
  AtlasDatum* x = nullptr;
  ASSERT_EQ(atlas_datum_lend(&from, nullptr, nullptr, &x, nullptr), ATLAS_OK);
  ASSERT_EQ(atlas_datum_new(ATLAS_F32, shape.data(), 2, &outputs[0], nullptr), ATLAS_OK);
  const AtlasDatum* inputs[] = {x, nullptr};
  EXPECT_THAT(message_of(atlas_session_run(session, inputs, 2, outputs, 1, nullptr, &error),
                         ATLAS_INVALID_ARGUMENT, error),
              HasSubstr("output 'y'"));
  atlas_datum_free(outputs[0]);
  // Memory that must not be written.
  AtlasTensor sealed = floats(values, row);
  sealed.size_bytes = 8;
  sealed.is_read_only = 1;
  ASSERT_EQ(atlas_datum_lend(&sealed, nullptr, nullptr, &outputs[0], nullptr), ATLAS_OK);
  EXPECT_NE(atlas_session_run(session, inputs, 2, outputs, 1, nullptr, nullptr), ATLAS_OK);
  EXPECT_EQ(values, std::vector<float>(3));
  atlas_datum_free(outputs[0]);
  atlas_datum_free(x);
  atlas_session_free(session);
}

TEST(CInterface, NamesVersionsAndStatus) {
  EXPECT_EQ(atlas_api_version(), ATLAS_API_VERSION);
  EXPECT_THAT(atlas_version(), testing::MatchesRegex("[0-9]+\\.[0-9]+\\.[0-9]+"));
  EXPECT_STREQ(atlas_status_name(ATLAS_NOT_FOUND), "not found");
  EXPECT_STREQ(atlas_status_name(ATLAS_OK), "ok");
  EXPECT_STREQ(atlas_status_name(77), "unknown status");
  EXPECT_STREQ(atlas_error_message(nullptr), "");
  atlas_error_free(nullptr);
  atlas_datum_free(nullptr);
}

}  // namespace
