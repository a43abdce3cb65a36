// Runs held against each other, and the part that goes wrong cut out.
#include "atlas/run/layers.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "atlas/base/error.h"
#include "atlas/graph/text_parser.h"
#include "atlas/run/bisect.h"

namespace atlas {
namespace {

const Registry& registry() {
  static const Registry all = standard_registry();
  return all;
}

const std::vector<Datum> kInputs = {Tensor::of<float>({4}, {1, 2, 3, 4})};

// Five steps; `wrong` replaces the operator of the third.
Graph chain(const std::string& third = "Sqrt") {
  return parse_graph(R"(graph "g" {
      input x: f32[4]
      a: ? = Exp "first"(x)
      b: ? = Add "second"(a, x)
      c: ? = )" + third + R"( "third"(b)
      d: ? = Tanh "fourth"(c)
      y: ? = Neg "fifth"(d)
      output y
    })",
                     "test");
}

LayerMap layers_of(const Session& session) {
  LayerMap out;
  for (Layer& layer : record_layers(session, kInputs, {}, 1 << 20)) out.emplace(layer.value, layer.tensor);
  return out;
}

Session reference_session(Graph graph) {
  SessionOptions options;
  options.target = "reference";
  return Session(std::move(graph), registry(), options);
}

TEST(Layers, OfKernelsAreThoseOfTheReference) {
  const LayerMap expected = layers_of(reference_session(chain()));
  EXPECT_EQ(expected.size(), 5u);
  const Session session(chain(), registry());
  const LayerComparison comparison = compare_layers(session, kInputs, {}, expected);
  ASSERT_EQ(comparison.layers.size(), 5u);
  EXPECT_EQ(comparison.layers[2].node, "third");
  EXPECT_EQ(comparison.first_beyond(1e-5), 5u);
}

TEST(Layers, TheFirstThatDivergesIsNamed) {
  const LayerComparison comparison =
      compare_layers(Session(chain("Abs"), registry()), kInputs, {}, layers_of(Session(chain(), registry())));
  EXPECT_EQ(comparison.first_beyond(1e-3), 2u);
  EXPECT_EQ(comparison.layers[2].value, "c");
}

TEST(Layers, TakeBoundedMemory) {
  try {
    record_layers(Session(chain(), registry()), kInputs, {}, 40);
    FAIL();
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), ErrorCode::ResourceExhausted);
    EXPECT_THAT(error.what(), testing::HasSubstr("expected at most 40 bytes"));
  }
}

TEST(Bisect, CutsOutTheNodeThatIsWrong) {
  const auto compile = [](Graph part) { return Session(std::move(part), registry()); };
  const auto part =
      bisect(chain("Abs"), "c", layers_of(Session(chain(), registry())), kInputs, 1e-3, compile, {});
  ASSERT_TRUE(part.has_value());
  EXPECT_EQ(part->graph.order().size(), 1u);
  EXPECT_EQ(part->graph.value(part->graph.inputs.at(0)).name, "b");
  EXPECT_FALSE(part->deviation.within(1e-3));
}

// Where layers between are not known, the part reaches back to those that are.
TEST(Bisect, ReachesBackToKnownLayers) {
  LayerMap expected = layers_of(Session(chain(), registry()));
  expected.erase("b");
  expected.erase("c");
  const auto compile = [](Graph part) { return Session(std::move(part), registry()); };
  const auto part = bisect(chain("Abs"), "d", expected, kInputs, 1e-7, compile, {});
  ASSERT_TRUE(part.has_value());
  EXPECT_EQ(part->graph.order().size(), 3u);
  EXPECT_EQ(part->graph.inputs.size(), 2u);  // a and x
}

// An error that builds up: no single step is beyond the tolerance, but two of them are.
TEST(Bisect, HalvesWhereNoSingleStepFails) {
  const Graph graph = parse_graph(R"(graph "g" {
      input x: f32[1]
      const k = f32[]{2}
      a: ? = Mul(x, k)
      b: ? = Mul(a, k)
      c: ? = Mul(b, k)
      y: ? = Mul(c, k)
      output y
    })",
                                  "test");
  const std::vector<Datum> inputs = {Tensor::of<float>({1}, {1})};
  LayerMap expected;  // each step is 1 % more than it should be
  double value = 1;
  for (const char* name : {"a", "b", "c", "y"}) {
    value *= 2 / 1.01;
    expected.emplace(name, Tensor::of<float>({1}, {static_cast<float>(value)}));
  }
  const auto compile = [](Graph part) { return Session(std::move(part), registry()); };
  const auto part = bisect(graph, "y", expected, inputs, 0.025, compile, {});
  ASSERT_TRUE(part.has_value());
  EXPECT_EQ(part->graph.order().size(), 3u);
  EXPECT_FALSE(bisect(graph, "y", expected, inputs, 0.05, compile, {}).has_value());
  EXPECT_THROW(bisect(graph, "x", expected, inputs, 0.1, compile, {}), Error);
}

TEST(ReferenceTarget, KeepsWhatAProgramPromises) {
  const Session session = reference_session(chain());
  std::vector<Datum> outputs = {Tensor(DType::F32, {4})};
  const void* lent = outputs[0].tensor().raw();
  session.run(kInputs, outputs);
  EXPECT_EQ(outputs[0].tensor().raw(), lent);
  EXPECT_NEAR(outputs[0].tensor().values<float>()[0], -0.9586f, 1e-3);
  EXPECT_TRUE(session.fallbacks().empty());
  EXPECT_THROW(session.run(std::vector<Datum>{Tensor(DType::F32, {3})}), Error);
  std::atomic<bool> cancelled{true};
  RunOptions options;
  options.cancelled = &cancelled;
  EXPECT_THROW(session.run(kInputs, options), Error);
}

}  // namespace
}  // namespace atlas
