// Sessions: names, defaults, lent memory, nested graphs, deadlines, many threads.
#include "atlas/run/session.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <functional>
#include <thread>

#include "atlas/base/error.h"
#include "atlas/graph/builder.h"
#include "atlas/graph/text_parser.h"

namespace atlas {
namespace {

const Registry& registry() {
  static const Registry all = standard_registry();
  return all;
}

// y = exp(log(exp(x)))
Graph chain() {
  Graph graph;
  const ValueId x = graph.add_input("x", Type::tensor(DType::F32, Dims{Dim::symbol("N"), 2}));
  GraphBuilder b(graph);
  const ValueId y = b.op("Exp", {b.op("Log", {b.op("Exp", {x})})});
  graph.rename(y, "y");
  graph.outputs = {y};
  return graph;
}

TEST(Session, RunsByNameAndByPosition) {
  const Session session(chain(), registry());
  const Tensor x = Tensor::of<float>({1, 2}, {0, 1});
  const auto by_name = session.run({{"x", x}});
  const Tensor& y = by_name.at("y").tensor();
  EXPECT_EQ(y.shape(), (Shape{1, 2}));
  EXPECT_NEAR(y.values<float>()[1], std::exp(1.0), 1e-6);
  EXPECT_THROW(session.run({{"z", x}}), Error);
}

TEST(Session, TakesEverySizeAndRefusesWrongTypes) {
  const Session session(chain(), registry());
  for (const std::int64_t n : {1, 5, 3, 1, 0, 100}) {
    const std::vector<Datum> outputs =
        session.run(std::vector<Datum>{Tensor::of<float>({n, 2}, std::vector<float>(n * 2, 0.5f))});
    EXPECT_EQ(outputs[0].tensor().element_count(), static_cast<std::size_t>(n * 2));
  }
  try {
    session.run(std::vector<Datum>{Tensor::of<float>({2, 3}, std::vector<float>(6))});
    FAIL();
  } catch (const Error& error) {
    EXPECT_STREQ(error.what(), "input 'x': expected f32[N,2], got f32[2,3]");
  }
}

// Parts of a concatenation are written where it will be: within a run, in an output, in sizes that follow
// from the input's, and not where the caller lends the memory, which may be that of the input.
TEST(Session, JoinsResultsWhereverTheyLie) {
  const Graph graph = parse_graph(R"(graph "g" { input x: f32[1,N,16]
    a: ? = Exp(x) b: ? = Neg(a) j: ? = Concat(a, b) {axis=1} c: ? = Neg(j) k: ? = Concat(j, c, x) {axis=1}
    n: ? = Neg(a) m: ? = Concat(n, b) {axis=1} y: ? = Neg(m) output k output y })");
  const Session session(graph, registry());
  for (const std::int64_t n : {1, 3, 2}) {
    Tensor x(DType::F32, {1, n, 16});
    for (std::size_t i = 0; i < x.element_count(); ++i)
      x.values_mutable<float>()[i] = 0.01f * static_cast<float>(i);
    const std::vector<Datum> inputs = {x};
    std::vector<Datum> lent = {Tensor(DType::F32, {1, 5 * n, 16}), Tensor(DType::F32, {1, 2 * n, 16})};
    session.run(inputs, lent);
    const std::vector<Datum> own = session.run(inputs);
    const std::size_t size = x.element_count();
    for (const std::vector<Datum>& outputs : {own, lent})
      for (std::size_t i = 0; i < size; ++i) {
        const float value = x.values<float>()[i];
        const std::span<const float> k = outputs[0].tensor().values<float>(),
                                     y = outputs[1].tensor().values<float>();
        EXPECT_FLOAT_EQ(k[i], std::exp(value));
        EXPECT_EQ(k[size + i], -k[i]);
        EXPECT_EQ(k[2 * size + i], -k[i]);
        EXPECT_EQ(k[3 * size + i], k[i]);
        EXPECT_EQ(k[4 * size + i], value);
        EXPECT_EQ(y[i], k[i]);
        EXPECT_EQ(y[size + i], k[i]);
      }
  }
}

// Sizes that the model states wrongly move what stands behind them, here over what is yet to be moved.
TEST(Session, JoinsPartsOfOtherSizesThanTheModelSays) {
  const Graph graph = parse_graph(R"(graph "g" { input x: f32[1,32] input s: i64[2] input t: i64[2]
    const o = f32[1,1]{7} a: f32[1,32] = Expand(o, s) b: ? = Exp(x) c: f32[1,32] = Expand(o, t)
    j: f32[1,96] = Concat(a, b, c) {axis=1} y: f32[1,96] = Neg(j) output y })");
  const Session session(graph, registry());
  Tensor x(DType::F32, {1, 32});
  for (std::size_t i = 0; i < 32; ++i) x.values_mutable<float>()[i] = 0.01f * static_cast<float>(i);
  for (const std::size_t before : {16, 48}) {
    const auto first = static_cast<std::int64_t>(before);
    const std::vector<Datum> outputs = session.run(std::vector<Datum>{
        x, Tensor::of<std::int64_t>({2}, {1, first}), Tensor::of<std::int64_t>({2}, {1, 64 - first})});
    const std::span<const float> y = outputs[0].tensor().values<float>();
    ASSERT_EQ(y.size(), 96u);
    for (std::size_t i = 0; i < 96; ++i) {
      const bool inside = i >= before && i < before + 32;
      EXPECT_FLOAT_EQ(y[i], inside ? -std::exp(x.values<float>()[i - before]) : -7) << before << " " << i;
    }
  }
}

TEST(Session, WritesIntoMemoryOfTheCaller) {
  const Session session(chain(), registry());
  std::vector<Datum> outputs = {Tensor(DType::F32, {1, 2})};
  const void* lent = outputs[0].tensor().raw();
  const std::vector<Datum> inputs = {Tensor::of<float>({1, 2}, {0, 0})};
  session.run(inputs, outputs);
  EXPECT_EQ(outputs[0].tensor().raw(), lent);
  EXPECT_FLOAT_EQ(outputs[0].tensor().values<float>()[0], 1.0f);
  outputs = {Tensor(DType::F32, {1, 3})};
  EXPECT_THROW(session.run(inputs, outputs), Error);
}

TEST(Session, StopsWhenAskedTo) {
  const Session session(chain(), registry());
  const std::vector<Datum> inputs = {Tensor::of<float>({1, 2}, {0, 0})};
  RunOptions options;
  options.deadline = std::chrono::steady_clock::now() - std::chrono::seconds(1);
  EXPECT_THROW(session.run(inputs, options), Error);
  std::atomic<bool> cancelled = true;
  RunOptions cancel;
  cancel.cancelled = &cancelled;
  EXPECT_THROW(session.run(inputs, cancel), Error);
}

std::string refusal(ErrorCode code, const std::function<void()>& body) {
  try {
    body();
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), code) << error.what();
    return error.what();
  }
  return "";
}

TEST(Session, KeepsToItsLimitOnMemory) {
  SessionOptions options;
  options.limits.memory = std::make_shared<MemoryBudget>(100'000);
  const Session session(chain(), registry(), options);
  const auto run = [&](std::int64_t n) {
    return session.run(std::vector<Datum>{Tensor::of<float>({n, 2}, std::vector<float>(n * 2, 0.5f))});
  };
  EXPECT_THAT(refusal(ErrorCode::ResourceExhausted, [&] { run(1'000'000); }),
              testing::HasSubstr("pass the limit of 100000 bytes"));
  const std::vector<Datum> held = run(1000);
  EXPECT_GE(options.limits.memory->used_bytes(), 8000);
  EXPECT_NO_THROW(run(1000));
}

TEST(Session, RunsOfManySizesShareTheirMemory) {
  SessionOptions options;
  options.limits.memory = std::make_shared<MemoryBudget>(std::size_t{1} << 30);
  const Session session(chain(), registry(), options);
  const auto run = [&](std::int64_t n) {
    session.run(std::vector<Datum>{Tensor::of<float>({n, 2}, std::vector<float>(n * 2, 0.5f))});
  };
  run(1000);
  const std::size_t held = options.limits.memory->used_bytes();
  EXPECT_GT(held, 0);
  for (const std::int64_t n : {10, 900, 500, 20, 1000, 1}) run(n);
  EXPECT_EQ(options.limits.memory->used_bytes(), held);
  run(2000);
  EXPECT_LE(options.limits.memory->used_bytes(), 2 * held);
}

TEST(Session, KeepsToItsLimitsOnNodesAndTime) {
  SessionOptions options;
  options.limits.nodes = 2;
  EXPECT_EQ(refusal(ErrorCode::ResourceExhausted, [&] { Session(chain(), registry(), options); }),
            "expected a model of at most 2 nodes (the limit on nodes)");
  options.limits = {};
  options.limits.deadline = std::chrono::steady_clock::now() - std::chrono::seconds(1);
  EXPECT_THAT(refusal(ErrorCode::DeadlineExceeded, [&] { Session(chain(), registry(), options); }),
              testing::HasSubstr("out of time before pass"));
}

TEST(Session, ServesManyThreads) {
  const Session session(chain(), registry(), {.threads = 2});
  std::vector<std::thread> threads;
  std::atomic<int> wrong = 0;
  for (int t = 0; t < 4; ++t) {
    threads.emplace_back([&, t] {
      for (int i = 0; i < 50; ++i) {
        const float value = static_cast<float>(t) / 4;
        const auto out = session.run(
            std::vector<Datum>{Tensor::of<float>({1 + t, 2}, std::vector<float>(2 + 2 * t, value))});
        for (const float y : out[0].tensor().values<float>()) wrong += std::abs(y - std::exp(value)) > 1e-5;
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(wrong, 0);
}

// A convolution, products with constant weights, and a branch: packed weights, arenas and nested programs.
Graph mixed() {
  return parse_graph(R"(graph "g" {
    input x: f32[N,3,8,8]
    const w = f32[4,3,1,1]{1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12}
    const m = f32[8,2]{1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16}
    const zero = f32[]{0}
    a: ? = Conv(x, w)
    b: ? = Relu(a)
    c: ? = MatMul(b, m)
    s: ? = ReduceSum(c) {keepdims=0}
    large: ? = Greater(s, zero)
    y: ? = If(large) {then_branch=graph "t" { capture p: ? = c  q: ? = Neg(p)  output q },
                      else_branch=graph "e" { capture p: ? = c  q: ? = Abs(p)  output q }}
    output y })");
}

Tensor mixed_input(std::int64_t batch) {
  std::vector<float> values(static_cast<std::size_t>(batch) * 3 * 64);
  for (std::size_t i = 0; i < values.size(); ++i) values[i] = static_cast<float>(i % 17) - 8;
  return Tensor::of<float>({batch, 3, 8, 8}, values);
}

TEST(Session, ManySessionsOfOneModelRunAtOnce) {
  const Graph model = mixed();
  const Session alone(model, registry(), {.threads = 1});
  std::vector<std::vector<Datum>> expected;
  for (std::int64_t batch = 1; batch <= 3; ++batch)
    expected.push_back(alone.run(std::vector<Datum>{mixed_input(batch)}));
  const Session shared(model, registry(), {.threads = 2});
  std::vector<std::thread> threads;
  std::atomic<int> wrong = 0;
  for (int t = 0; t < 4; ++t) {
    threads.emplace_back([&] {
      const Session own(model, registry(), {.threads = 2});
      for (int i = 0; i < 12; ++i) {
        const auto batch = static_cast<std::size_t>(i % 3);
        const std::vector<Datum> inputs = {mixed_input(static_cast<std::int64_t>(batch) + 1)};
        for (const Session* session : {&own, &shared})
          wrong += !identical(session->run(inputs)[0].tensor(), expected[batch][0].tensor());
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(wrong, 0);
}

Graph with_weight(const std::string& rest) {
  return parse_graph(R"(graph "g" {
    input x: f32[N,2]
    const q = u8[2,3]{1, 2, 3, 4, 5, 6}
    const z = u8[3]{0, 1, 2}
    const s = f32[3]{1, 2, 0.5}
    w: ? = DequantizeLinear(q, s, z)
    y: ? = MatMul(x, w)
    output y
    )" + rest + " }");
}

TEST(Session, WidensWeightsOf8BitsOnceForTheProductAndForOthersThatReadThem) {
  const std::vector<Datum> inputs = {Tensor::of<float>({1, 2}, {10, 100})};
  for (const char* rest : {"", "t: ? = Neg(w) output t", "output w"}) {
    for (const std::vector<std::string>& disabled : {std::vector<std::string>{}, {"fold-constants"}}) {
      const Session session(with_weight(rest), registry(), {.passes = {disabled}});
      EXPECT_TRUE(session.fallbacks().empty());
      for (int run = 0; run < 2; ++run) {
        const std::vector<Datum> outputs = session.run(inputs);
        EXPECT_THAT(outputs[0].tensor().values<float>(), testing::ElementsAre(410, 820, 205.0f)) << rest;
        if (outputs.size() > 1) {
          EXPECT_EQ(std::abs(outputs[1].tensor().values<float>()[5]), 2) << rest;
        }
      }
    }
  }
}

}  // namespace
}  // namespace atlas
