// Graphs with levels made real and levels again, which run on integers, against the same graphs in real
// numbers: their results are within one level of each other.
#include <gtest/gtest.h>

#include <limits>

#include "atlas/graph/builder.h"
#include "atlas/run/kernel_harness_test.h"

namespace atlas {
namespace {

using Ints = std::vector<std::int64_t>;

constexpr Tolerance kOneLevel = {0, 1};

class QuantizedGraph {
 public:
  /// Levels of a new input, as real numbers.
  template <typename T>
  ValueId image(Shape shape, float scale, T zero) {
    Dims dims(shape.begin(), shape.end());
    const ValueId x = graph_.add_input("x", Type::tensor(dtype_of<T>, dims));
    inputs_.push_back(
        random_.integers<T>(std::move(shape), std::numeric_limits<T>::min(), std::numeric_limits<T>::max()));
    return real(x, scale, zero);
  }

  ValueId weights(Shape shape, std::int64_t axis, std::int64_t channels) {
    const ValueId levels = builder_.constant(random_.integers<std::int8_t>(shape, -127, 127));
    const ValueId scales = builder_.constant(random_.floats({channels}, 0.001f, 0.02f));
    const ValueId zeros = builder_.constant(random_.integers<std::int8_t>({channels}, 0, 0));
    return builder_.op("DequantizeLinear", {levels, scales, zeros}, {{"axis", axis}});
  }
  ValueId bias(std::int64_t channels) { return builder_.constant(random_.floats({channels}, -5, 5)); }
  ValueId op(std::string_view name, std::vector<ValueId> inputs, Attributes attributes = {}) {
    return builder_.op(name, std::move(inputs), std::move(attributes));
  }

  template <typename T>
  ValueId real(ValueId levels, float scale, T zero) {
    return op("DequantizeLinear", {levels, builder_.scalar(scale), builder_.constant(Tensor::scalar(zero))});
  }
  template <typename T>
  ValueId levels(ValueId real, float scale, T zero) {
    return op("QuantizeLinear", {real, builder_.scalar(scale), builder_.constant(Tensor::scalar(zero))});
  }

  void check(ValueId output, const Tolerance& tolerance = kOneLevel) {
    graph_.outputs = {output};
    check_graph(graph_, inputs_, tolerance);
  }

 private:
  RandomTensors random_;
  Graph graph_;
  GraphBuilder builder_{graph_};
  std::vector<Datum> inputs_;
};

TEST(QuantizedGraphs, Convolutions) {
  for (const std::int64_t groups : {1, 2, 6}) {
    QuantizedGraph g;
    const ValueId x = g.image<std::uint8_t>({2, 6, 7, 8}, 0.03f, 120);
    const ValueId y = g.op("Conv", {x, g.weights({6, 6 / groups, 3, 3}, 0, 6), g.bias(6)},
                           {{"group", groups}, {"pads", Ints{1, 1, 0, 2}}, {"strides", Ints{1, 2}}});
    g.check(g.levels<std::uint8_t>(g.op("Relu", {y}), 0.05f, 0));
  }
}

TEST(QuantizedGraphs, SignedConvolution) {
  QuantizedGraph g;
  const ValueId x = g.image<std::int8_t>({1, 3, 9}, 0.03f, -7);
  g.check(g.levels<std::int8_t>(g.op("Conv", {x, g.weights({5, 3, 2}, 0, 5)}), 0.03f, 3));
}

TEST(QuantizedGraphs, Products) {
  for (const bool to_levels : {true, false}) {
    QuantizedGraph g;
    const ValueId y =
        g.op("MatMul", {g.image<std::uint8_t>({2, 5, 40}, 0.03f, 99), g.weights({40, 7}, 1, 7)});
    g.check(to_levels ? g.levels<std::uint8_t>(y, 0.2f, 128) : y,
            to_levels ? kOneLevel : Tolerance{1e-5, 1e-5});
    QuantizedGraph h;
    const ValueId z =
        h.op("Gemm", {h.image<std::uint8_t>({5, 40}, 0.03f, 99), h.weights({7, 40}, 0, 7), h.bias(7)},
             {{"transB", std::int64_t{1}}});
    // A bias is rounded to the steps of its sums.
    h.check(to_levels ? h.levels<std::int8_t>(z, 0.2f, 1) : z, to_levels ? kOneLevel : Tolerance{1e-5, 1e-3});
  }
}

TEST(QuantizedGraphs, ProductOfTwoInputs) {
  QuantizedGraph g;
  const ValueId a = g.image<std::uint8_t>({2, 3, 5, 8}, 0.03f, 99);
  const ValueId b = g.image<std::uint8_t>({2, 3, 8, 6}, 0.02f, 140);
  g.check(g.levels<std::uint8_t>(g.op("MatMul", {a, b}), 0.1f, 128));
}

TEST(QuantizedGraphs, Sums) {
  QuantizedGraph g;
  const ValueId a = g.image<std::uint8_t>({3, 37}, 0.03f, 99), b = g.image<std::uint8_t>({3, 37}, 0.02f, 140);
  g.check(g.levels<std::uint8_t>(g.op("Add", {a, b}), 0.04f, 128));
  QuantizedGraph h;
  const ValueId c = h.image<std::int8_t>({3, 37}, 0.03f, -9), d = h.image<std::int8_t>({3, 37}, 0.02f, 14);
  h.check(h.levels<std::int8_t>(h.op("Relu", {h.op("Add", {c, d})}), 0.02f, -128));
}

// What follows a level that is one off may be off by a few.
TEST(QuantizedGraphs, ImagesBetweenConvolutions) {
  QuantizedGraph g;
  const auto again = [&](ValueId real) {
    return g.real<std::uint8_t>(g.levels<std::uint8_t>(real, 0.05f, 128), 0.05f, 128);
  };
  const ValueId x = g.image<std::uint8_t>({1, 3, 12, 13}, 0.03f, 120);
  const ValueId a = again(g.op("Conv", {x, g.weights({8, 3, 3, 3}, 0, 8)}));
  const ValueId b = again(g.op(
      "MaxPool", {a}, {{"kernel_shape", Ints{3, 3}}, {"strides", Ints{2, 2}}, {"pads", Ints{1, 1, 1, 1}}}));
  const ValueId c = again(g.op("Conv", {b, g.weights({8, 1, 3, 3}, 0, 8), g.bias(8)},
                               {{"group", std::int64_t{8}}, {"pads", Ints{1, 1, 1, 1}}}));
  const ValueId d = again(g.op("Add", {b, c}));
  const ValueId e = again(g.op("Concat", {d, b}, {{"axis", std::int64_t{1}}}));
  g.check(g.op("GlobalAveragePool", {e}), {0, 0.1});
}

// Levels that stay out of the integers: their weights are widened once.
TEST(QuantizedGraphs, RealConvolutionOfQuantizedWeights) {
  QuantizedGraph g;
  g.check(g.op("Conv", {g.image<std::uint8_t>({1, 3, 9}, 0.03f, 7), g.weights({5, 3, 2}, 0, 5), g.bias(5)}),
          {1e-4, 1e-5});
}

}  // namespace
}  // namespace atlas
