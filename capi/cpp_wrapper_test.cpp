// The C++ wrapper: what it adds to the C interface, which is types, ownership and exceptions.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <thread>

#include "capi/include/atlas/atlas.hpp"

namespace {

using atlas::Datum;
using atlas::Graph;
using atlas::Session;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

Graph twice() {
  Graph graph("twice");
  const Graph::Value x = graph.input("x", "f32[N]");
  const Graph::Value two = graph.constant(Datum::tensor<float>({}, {2}));
  graph.output(graph.node("Mul", {x, two}), "y");
  return graph;
}

template <typename Body>
std::string error_of(AtlasStatus status, Body body) {
  try {
    body();
  } catch (const atlas::Error& error) {
    EXPECT_EQ(error.status(), status);
    return error.what();
  }
  return "no error";
}

TEST(CppWrapper, BuildsAndRuns) {
  const Session session(twice(), {.threads = 1, .strict = true});
  EXPECT_THAT(session.run({Datum::tensor<float>({3}, {1, 2, 3})}).at(0).values<float>(),
              ElementsAre(2, 4, 6));

  const std::vector<float> in{4, 5};
  std::vector<float> out(2);
  const auto results = session.run({Datum::view<float>({2}, in)}, {Datum::view_mutable<float>({2}, out)});
  EXPECT_THAT(out, ElementsAre(8, 10));
  EXPECT_EQ(results.at(0).values<float>().data(), out.data());

  const auto named = session.run(std::map<std::string, Datum>{{"x", Datum::view<float>({2}, in)}});
  EXPECT_THAT(named.at("y").values<float>(), ElementsAre(8, 10));
  EXPECT_THAT(session.fallbacks(), ElementsAre());
  EXPECT_EQ(session.notice(), "");
}

TEST(CppWrapper, DescribesPorts) {
  const Session session(twice());
  const atlas::Port port = session.inputs().at(0);
  EXPECT_EQ(port.name, "x");
  EXPECT_EQ(port.type, "f32[N]");
  EXPECT_EQ(port.shape, (atlas::Shape{-1}));
  EXPECT_EQ(session.outputs().at(0).name, "y");
}

TEST(CppWrapper, ResultsOutliveTheSession) {
  std::optional<Session> session(twice());
  std::vector<Datum> results = session->run({Datum::tensor<float>({1}, {21})});
  const Datum copy = results.at(0);
  session.reset();
  results.clear();
  EXPECT_THAT(copy.values<float>(), ElementsAre(42));
}

TEST(CppWrapper, StringsAndSequences) {
  const Graph graph = Graph::parse(R"(graph "split" {
    input x: string[N]
    s: ? = SplitToSequence(x)
    output s
  })");
  const Session session(graph);
  const std::vector<Datum> parts =
      session.run({Datum::strings({2}, {"a", std::string("b\0c", 3)})}).at(0).elements();
  ASSERT_EQ(parts.size(), 2u);
  EXPECT_THAT(parts[1].strings(), ElementsAre(std::string("b\0c", 3)));
  EXPECT_EQ(parts[0].dtype(), ATLAS_STRING);
}

TEST(CppWrapper, ErrorsAreExceptions) {
  EXPECT_THAT(error_of(ATLAS_NOT_FOUND, [] { Session("/no/such.onnx"); }), HasSubstr("/no/such.onnx"));
  const Session session(twice());
  EXPECT_THAT(error_of(ATLAS_INVALID_ARGUMENT,
                       [&] {
                         session.run(std::map<std::string, Datum>{{"z", Datum()}});
                       }),
              HasSubstr("none of the session's inputs"));
  const Datum one = Datum::tensor<float>({1}, {1});
  EXPECT_THAT(error_of(ATLAS_INVALID_ARGUMENT, [&] { one.values<double>(); }), HasSubstr("element type"));
  EXPECT_THAT(error_of(ATLAS_INVALID_ARGUMENT, [&] { Datum::tensor<float>({2}, {1}); }), HasSubstr("number"));
  EXPECT_THAT(error_of(ATLAS_NOT_FOUND, [] { twice().find("z"); }), HasSubstr("no value 'z'"));
}

TEST(CppWrapper, ACancellationEndsARunOfAnotherThread) {
  const Session session(Graph::parse(R"(graph "forever" {
    input x: f32[1]
    const trips = i64[]{9223372036854775807}
    y: ? = Loop(trips, _, x) {body=graph "body" {
      input i: i64[]  input go: bool[]  input v: f32[1]
      on: ? = Identity(go)  w: ? = Neg(v)
      output on  output w }}
    output y
  })"));
  atlas::Cancellation cancellation;
  std::thread other([&] { cancellation.cancel(); });
  const Datum x = Datum::tensor<float>({1}, {1});
  error_of(ATLAS_CANCELLED, [&] { session.run({x}, {}, {.cancellation = &cancellation}); });
  other.join();
}

}  // namespace
