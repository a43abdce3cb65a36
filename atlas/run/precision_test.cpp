// Sessions that round the factors of products to bfloat16, or to 8-bit levels.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <algorithm>
#include <cmath>
#include <filesystem>

#include "atlas/base/error.h"
#include "atlas/formats/model_file.h"
#include "atlas/graph/builder.h"
#include "atlas/ops/interpreter.h"
#include "atlas/run/compiled_model.h"
#include "atlas/run/kernel_harness_test.h"
#include "atlas/targets/cpu/kernels/isa.h"
#include "atlas/tensor/elements.h"

namespace atlas {
namespace {

const Registry& registry() {
  static const Registry all = standard_registry();
  return all;
}

using Body = ValueId (*)(GraphBuilder&, ValueId x, RandomTensors&);

Graph network(const Shape& input, Body body) {
  Graph graph;
  Dims dims;
  for (const std::int64_t size : input) dims.push_back(Dim(size));
  const ValueId x = graph.add_input("x", Type::tensor(DType::F32, dims));
  GraphBuilder builder(graph);
  RandomTensors random;
  graph.outputs = {body(builder, x, random)};
  return graph;
}

ValueId conv(GraphBuilder& b, RandomTensors& random, ValueId x, std::int64_t in, std::int64_t out,
             std::int64_t kernel, Attributes attributes = {}) {
  const std::int64_t pad = kernel / 2;
  attributes.set("pads", std::vector<std::int64_t>{pad, pad, pad, pad});
  return b.op("Conv",
              {x, b.constant(random.floats({out, in, kernel, kernel}, -0.3f, 0.3f)),
               b.constant(random.floats({out}))},
              attributes);
}

/// The largest difference, in parts of the largest value.
double distance(const Datum& a, const Datum& b) {
  const std::vector<double> x = to_doubles(a.tensor()), y = to_doubles(b.tensor());
  double largest = 0, difference = 0;
  for (std::size_t i = 0; i < x.size(); ++i) {
    largest = std::max(largest, std::abs(y[i]));
    difference = std::max(difference, std::abs(x[i] - y[i]));
  }
  return difference / largest;
}

SessionOptions rounding(std::size_t threads, Precision precision = Precision::Bf16) {
  SessionOptions options;
  options.threads = threads;
  options.precision = precision;
  options.strict = true;
  return options;
}

// Near the reference, but not as near as f32; the same for each number of threads, and out of a file.
void check_network(const Shape& input, Body body, Precision precision = Precision::Bf16) {
  const Graph graph = network(input, body);
  RandomTensors random;
  const std::vector<Datum> inputs = {random.floats(input)};
  const Datum want = interpret(graph, registry().ops, inputs)[0];
  for (const cpu::Isa isa : cpu::supported_isas()) {
    SCOPED_TRACE(name(isa));
    const cpu::ScopedIsa scope(isa);
    const Session session(graph, registry(), rounding(1, precision));
    EXPECT_GT(session.steps_in(precision), 0);
    const Datum got = session.run(inputs)[0];
    EXPECT_LT(distance(got, want), 0.02);
    EXPECT_GT(distance(got, want), 1e-4);
    EXPECT_EQ(difference(Session(graph, registry(), rounding(3, precision)).run(inputs)[0], got, {0, 0}), "");
    const std::filesystem::path path =
        std::filesystem::temp_directory_path() / fmt::format("precision_test_{}.atlas", getpid());
    compile_to_file(graph, path, registry(), rounding(1, precision));
    const OpenedSession opened = open_session(path, registry(), rounding(2, precision));
    EXPECT_EQ(opened.notice.find("anew"), std::string::npos) << opened.notice;
    EXPECT_EQ(difference(opened.session.run(inputs)[0], got, {0, 0}), "");
    std::filesystem::remove(path);
  }
}

TEST(Precision, Products) {
  check_network({2, 19, 40}, [](GraphBuilder& b, ValueId x, RandomTensors& random) {
    const ValueId y = b.op(
        "Add", {b.op("MatMul", {x, b.constant(random.floats({40, 70}))}), b.constant(random.floats({70}))});
    const ValueId z = b.op("MatMul", {b.op("Gelu", {y}), b.constant(random.floats({70, 33}))});
    return b.op("Add", {z, b.constant(random.floats({33}))});
  });
  check_network({5, 40}, [](GraphBuilder& b, ValueId x, RandomTensors& random) {
    const std::int64_t one = 1;
    const ValueId y = b.op("Gemm", {x, b.constant(random.floats({30, 40})), b.constant(random.floats({30}))},
                           {{"transB", one}});
    return b.op("Gemm", {y, b.constant(random.floats({30, 9})), b.constant(random.floats({5, 9}))});
  });
}

TEST(Precision, RecurrentLayers) {
  check_network({9, 2, 40}, [](GraphBuilder& b, ValueId x, RandomTensors& random) {
    const auto weights = [&](std::int64_t directions, std::int64_t rows, std::int64_t columns) {
      return b.constant(random.floats({directions, rows, columns}, -0.2f, 0.2f));
    };
    const Attributes wide = {{"hidden_size", std::int64_t{48}}};
    ValueId y = b.op(
        "LSTM", {x, weights(1, 192, 40), weights(1, 192, 48), b.constant(random.floats({1, 384}))}, wide);
    y = b.op("Squeeze", {y, b.constant(int64s({1}))});
    y = b.op("GRU", {y, weights(1, 144, 48), weights(1, 144, 48), b.constant(random.floats({1, 288}))}, wide);
    y = b.op("Squeeze", {y, b.constant(int64s({1}))});
    return b.op("RNN", {y, weights(1, 48, 48), weights(1, 48, 48)}, wide);
  });
}

// Large enough that threads share products, windows, attention and norms; 32 rows leave a few to the last.
TEST(Precision, InF32TheNumberOfThreadsChangesNoBit) {
  const auto layer = [](GraphBuilder& b, ValueId x, RandomTensors& random) {
    const auto product = [&](ValueId a) {
      return b.op("MatMul", {a, b.constant(random.floats({384, 384}, -0.1f, 0.1f))});
    };
    const std::int64_t heads = 12;
    const ValueId y = b.op("Attention", {product(x), product(x), product(x)},
                           {{"q_num_heads", heads}, {"kv_num_heads", heads}});
    return b.op("LayerNormalization", {b.op("Add", {x, product(y)}), b.constant(random.floats({384}))});
  };
  const auto windows = [](GraphBuilder& b, ValueId x, RandomTensors& random) {
    const ValueId y = b.op("Relu", {conv(b, random, conv(b, random, x, 3, 48, 3), 48, 64, 3)});
    return b.op("GlobalAveragePool", {conv(b, random, y, 64, 96, 1)});
  };
  RandomTensors random;
  for (const auto& [graph, input] :
       {std::pair(network({1, 32, 384}, layer), Datum(random.floats({1, 32, 384}))),
        std::pair(network({1, 130, 384}, layer), Datum(random.floats({1, 130, 384}))),
        std::pair(network({1, 3, 64, 60}, windows), Datum(random.floats({1, 3, 64, 60})))}) {
    const std::vector<Datum> inputs = {input};
    const Datum alone = Session(graph, registry(), {.threads = 1}).run(inputs)[0];
    for (const std::size_t threads : {2, 3, 4})
      EXPECT_EQ(difference(Session(graph, registry(), {.threads = threads}).run(inputs)[0], alone, {0, 0}),
                "")
          << threads << " threads";
  }
}

// A plain image, images kept in bfloat16 and residuals so, pooling and concatenation between them, groups,
// channels that are no whole blocks.
TEST(Precision, Convolutions) {
  check_network({2, 3, 21, 18}, [](GraphBuilder& b, ValueId x, RandomTensors& random) {
    const auto strided = [](std::int64_t stride) {
      return Attributes{{"strides", std::vector<std::int64_t>{stride, stride}}};
    };
    const ValueId stem = b.op("Relu", {conv(b, random, x, 3, 32, 3, strided(2))});
    ValueId y = b.op("Relu", {conv(b, random, stem, 32, 32, 3)});
    y = b.op("Relu", {b.op("Add", {conv(b, random, y, 32, 32, 1), stem})});
    const ValueId left = b.op("HardSwish", {conv(b, random, y, 32, 16, 1)});
    const ValueId right = conv(b, random, y, 32, 20, 3);
    y = b.op("Concat", {left, right}, {{"axis", std::int64_t{1}}});
    y = b.op("MaxPool", {y}, {{"kernel_shape", std::vector<std::int64_t>{2, 2}}});
    y = conv(b, random, y, 36, 36, 3, strided(2));
    const ValueId deep = conv(b, random, y, 1, 36, 3, {{"group", std::int64_t{36}}});
    return conv(b, random, deep, 36, 40, 1);
  });
  check_network({1, 32, 9, 7}, [](GraphBuilder& b, ValueId x, RandomTensors& random) {
    const ValueId y = conv(b, random, x, 16, 64, 3, {{"group", std::int64_t{2}}});
    return conv(b, random, y, 64, 24, 1);
  });
}

// All that keeps images in bfloat16 between convolutions: resized by factors and to sizes, pooled, put
// together and taken apart, added, scaled by their averages, normalised, spread over more pixels.
TEST(Precision, WhatStandsBetweenConvolutions) {
  check_network({2, 20, 12, 10}, [](GraphBuilder& b, ValueId x, RandomTensors& random) {
    const std::vector<std::int64_t> two = {2, 2};
    const Attributes windows = {{"kernel_shape", two}, {"strides", two}};
    const Attributes linear = {{"mode", std::string("linear")}};
    const ValueId top = b.op("Relu", {conv(b, random, x, 20, 24, 3)});
    const ValueId low = conv(b, random, b.op("MaxPool", {top}, windows), 24, 24, 3);
    const ValueId lowest = conv(b, random, b.op("AveragePool", {low}, windows), 24, 24, 1);
    const ValueId grown =
        b.op("Resize", {lowest, ValueId::None, ValueId::None, b.constant(int64s({2, 24, 6, 5}))}, linear);
    ValueId y = conv(b, random, b.op("Add", {grown, low}), 24, 24, 3);
    const ValueId factors = b.op("Sigmoid", {conv(b, random, b.op("GlobalAveragePool", {y}), 24, 24, 1)});
    y = b.op("Add", {b.op("Mul", {y, factors}), y});
    y = b.op("Resize", {y, ValueId::None, b.constant(Tensor::of<float>({4}, {1, 1, 2, 2}))});
    y = b.op("Concat", {top, y}, {{"axis", std::int64_t{1}}});
    return conv(b, random, y, 48, 3, 3);
  });
  check_network({1, 32, 6, 7}, [](GraphBuilder& b, ValueId x, RandomTensors& random) {
    const ValueId stem = conv(b, random, x, 32, 48, 1);
    const ValueId part =
        b.op("Slice", {stem, b.constant(int64s({16})), b.constant(int64s({48})), b.constant(int64s({1}))});
    const ValueId more = conv(b, random, part, 32, 32, 3);
    ValueId y = b.op("Concat", {stem, more}, {{"axis", std::int64_t{1}}});
    const auto statistics = [&](float low, float high) { return b.constant(random.floats({80}, low, high)); };
    y = b.op("BatchNormalization",
             {y, statistics(0.5f, 2), statistics(-1, 1), statistics(-1, 1), statistics(0.5f, 2)});
    y = conv(b, random, b.op("Relu", {y}), 80, 24, 1);
    y = b.op("ConvTranspose", {y, b.constant(random.floats({24, 20, 2, 2}, -0.3f, 0.3f))},
             {{"strides", std::vector<std::int64_t>{2, 2}}});
    return conv(b, random, y, 20, 16, 3);
  });
}

TEST(Precision, ChannelsWithFactors) {
  check_network({1, 24, 8, 8}, [](GraphBuilder& b, ValueId x, RandomTensors& random) {
    const ValueId y = conv(b, random, x, 24, 40, 3);
    const ValueId factors = b.op("Sigmoid", {conv(b, random, b.op("GlobalAveragePool", {y}), 40, 40, 1)});
    return conv(b, random, b.op("Mul", {y, factors}), 40, 24, 1);
  });
}

TEST(Precision, ProductsInLevels) {
  check_network(
      {2, 19, 80},
      [](GraphBuilder& b, ValueId x, RandomTensors& random) {
        const ValueId y = b.op("Add", {b.op("MatMul", {x, b.constant(random.floats({80, 128}))}),
                                       b.constant(random.floats({128}))});
        const ValueId z = b.op("MatMul", {b.op("Gelu", {y}), b.constant(random.floats({128, 80}))});
        return b.op("Add", {b.op("Add", {z, b.constant(random.floats({80}))}), x});
      },
      Precision::Int8);
  check_network(
      {5, 128},
      [](GraphBuilder& b, ValueId x, RandomTensors& random) {
        const std::int64_t one = 1;
        const ValueId y =
            b.op("Gemm", {x, b.constant(random.floats({96, 128})), b.constant(random.floats({96}))},
                 {{"transB", one}});
        return b.op("Gemm", {y, b.constant(random.floats({96, 99})), b.constant(random.floats({5, 99}))});
      },
      Precision::Int8);
}

// Beside a product that has a way: a computed right side, attention, few columns, a Gemm with factors.
TEST(Precision, WhatHasNoWayInLevelsStaysF32) {
  const Graph graph = network({1, 70, 128}, [](GraphBuilder& b, ValueId x, RandomTensors& random) {
    const std::int64_t heads = 4, two = 2;
    const ValueId y = b.op("MatMul", {x, b.constant(random.floats({128, 70}))});
    const ValueId computed = b.op("MatMul", {y, x});
    const ValueId attended =
        b.op("Attention", {computed, computed, x}, {{"q_num_heads", heads}, {"kv_num_heads", heads}});
    const ValueId few = b.op("MatMul", {attended, b.constant(random.floats({128, 8}))});
    return b.op("Gemm", {b.op("Flatten", {few}, {{"axis", two}}), b.constant(random.floats({8, 128}))},
                {{"alpha", 0.5f}});
  });
  const Session session(graph, registry(), rounding(1, Precision::Int8));
  EXPECT_EQ(session.steps_in(Precision::Int8), 1);
  EXPECT_EQ(session.steps_in(Precision::F32), 4);
  EXPECT_EQ(Session(graph, registry(), rounding(1, Precision::F32)).steps_in(Precision::F32), 5);
}

std::string notice_of(const Graph& graph, Precision precision) {
  const std::filesystem::path path =
      std::filesystem::temp_directory_path() / fmt::format("precision_test_{}.onnx", getpid());
  save_model(graph, path);
  const std::string notice = open_session(path, registry(), rounding(1, precision)).notice;
  std::filesystem::remove(path);
  return notice;
}

TEST(Precision, IsSaidToHaveFewWaysWhereItHas) {
  const auto convolution_and_product = [](GraphBuilder& b, ValueId x, RandomTensors& random) {
    const std::int64_t one = 1;
    const ValueId y = b.op("Flatten", {conv(b, random, x, 3, 16, 1)}, {{"axis", one}});
    return b.op("MatMul", {y, b.constant(random.floats({64, 128}))});
  };
  const Graph half = network({1, 3, 2, 2}, convolution_and_product);
  EXPECT_EQ(notice_of(half, Precision::Int8),
            "1 of the 2 steps that multiply have a way in int8, the others stay f32");
  EXPECT_EQ(notice_of(half, Precision::F32), "");
  const Graph none =
      network({3}, [](GraphBuilder& b, ValueId x, RandomTensors&) { return b.op("Relu", {x}); });
  EXPECT_EQ(notice_of(none, Precision::Int8), "no step of this model has a way in int8: all stay f32");
  const Graph product = network({3, 64}, [](GraphBuilder& b, ValueId x, RandomTensors& random) {
    return b.op("MatMul", {x, b.constant(random.floats({64, 128}))});
  });
  EXPECT_EQ(notice_of(product, Precision::Int8), "");
}

TEST(Precision, IsSaidToBeEmulatedWhereItIs) {
  const Graph graph = network({3, 4}, [](GraphBuilder& b, ValueId x, RandomTensors& random) {
    return b.op("MatMul", {x, b.constant(random.floats({4, 5}))});
  });
  const cpu::ScopedIsa scope(cpu::supported_isas().front());
  EXPECT_THAT(notice_of(graph, Precision::Bf16), testing::HasSubstr("emulated"));
  EXPECT_EQ(notice_of(graph, Precision::F32), "");
}

TEST(Precision, IsRefusedWhereATargetLacksIt) {
  SessionOptions options = rounding(1);
  options.target = "reference";
  const Graph graph =
      network({3}, [](GraphBuilder& b, ValueId x, RandomTensors&) { return b.op("Relu", {x}); });
  try {
    const Session session(graph, registry(), options);
    FAIL() << "expected an error";
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), ErrorCode::Unsupported);
    EXPECT_THAT(error.what(), testing::HasSubstr("expected precision f32, got bf16"));
  }
  EXPECT_THROW(precision_named("fp8"), Error);
  EXPECT_EQ(precision_named("bf16"), Precision::Bf16);
  EXPECT_EQ(precision_named("int8"), Precision::Int8);
}

}  // namespace
}  // namespace atlas
