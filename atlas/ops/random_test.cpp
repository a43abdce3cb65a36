// Random operators: type, shape, distribution, and the same draw for the same seed.
#include <gtest/gtest.h>

#include "atlas/ops/interpreter.h"
#include "atlas/ops/op_harness_test.h"

namespace atlas {
namespace {

Tensor draw(std::string_view op, const Attributes& attributes, const std::vector<Tensor>& inputs = {},
            std::uint64_t seed = 0) {
  static const OpRegistry registry = standard_ops();
  Graph graph;
  std::vector<ValueId> ids;
  for (const Tensor& input : inputs) ids.push_back(graph.add_constant("c", input));
  graph.outputs = {GraphBuilder(graph).op(op, ids, attributes)};
  return interpret(graph, registry, {}, seed).at(0).tensor();
}

double mean_of(const Tensor& tensor) {
  double sum = 0;
  for (const double value : to_doubles(tensor)) sum += value;
  return sum / static_cast<double>(tensor.element_count());
}

const Attribute kLarge = std::vector<std::int64_t>{100, 200};

TEST(Random, UniformFillsItsRange) {
  const Tensor x = draw("RandomUniform", {{"shape", kLarge}, {"low", 2.0f}, {"high", 4.0f}});
  EXPECT_EQ(text(x), "f32[100,200]");
  for (const float value : x.values<float>()) {
    ASSERT_GE(value, 2);
    ASSERT_LT(value, 4);
  }
  EXPECT_NEAR(mean_of(x), 3, 0.02);
}

TEST(Random, UniformOfAShortTypeStaysBelowItsUpperEnd) {
  const Tensor x = draw("RandomUniform", {{"shape", kLarge}, {"dtype", std::int64_t{16}}});
  EXPECT_EQ(text(x), "bf16[100,200]");
  for (const double value : to_doubles(x)) ASSERT_LT(value, 1);
}

TEST(Random, NormalHasItsMeanAndScale) {
  const Tensor x =
      draw("RandomNormal", {{"shape", kLarge}, {"mean", 5.0f}, {"scale", 2.0f}, {"dtype", std::int64_t{11}}});
  EXPECT_EQ(text(x), "f64[100,200]");
  EXPECT_NEAR(mean_of(x), 5, 0.05);
  double squares = 0;
  for (const double value : x.values<double>()) squares += (value - 5) * (value - 5);
  EXPECT_NEAR(squares / 20000, 4, 0.15);
}

TEST(Random, LikeTakesShapeAndTypeOfItsInput) {
  EXPECT_EQ(text(draw("RandomNormalLike", {}, {Tensor(DType::F16, {2, 3})})), "f16[2,3]");
  EXPECT_EQ(text(draw("RandomUniformLike", {{"dtype", std::int64_t{1}}}, {Tensor(DType::String, {4})})),
            "f32[4]");
  check_error({"integers", "RandomUniformLike", {Tensor(DType::I32, {2})}, {}, {Tensor(DType::I32, {2})}},
              "cannot draw elements of type i32");
}

TEST(Random, SameSeedSameDraw) {
  const Attributes seeded = {{"shape", kLarge}, {"seed", 0.5f}};
  const Attributes other = {{"shape", kLarge}, {"seed", 1.5f}};
  const Attributes open = {{"shape", kLarge}};
  EXPECT_TRUE(identical(draw("RandomNormal", seeded, {}, 1), draw("RandomNormal", seeded, {}, 2)));
  EXPECT_FALSE(identical(draw("RandomNormal", seeded), draw("RandomNormal", other)));
  EXPECT_TRUE(identical(draw("RandomNormal", open, {}, 1), draw("RandomNormal", open, {}, 1)));
  EXPECT_FALSE(identical(draw("RandomNormal", open, {}, 1), draw("RandomNormal", open, {}, 2)));
}

TEST(Random, BernoulliDrawsOneWithItsProbability) {
  Tensor p(DType::F32, {20000});
  for (float& value : p.values_mutable<float>()) value = 0.3f;
  const Tensor x = draw("Bernoulli", {{"dtype", std::int64_t{9}}}, {p});
  EXPECT_EQ(text(x), "bool[20000]");
  EXPECT_NEAR(mean_of(x), 0.3, 0.02);
}

TEST(Random, BernoulliIsAUniformDrawBelowItsProbability) {
  Tensor p(DType::F32, {200});
  for (float& value : p.values_mutable<float>()) value = 0.5f;
  const Attributes seeded = {{"seed", 3.0f}, {"dtype", std::int64_t{7}}};
  check_cases({
      {"certain",
       "Bernoulli",
       {Tensor::of<double>({3}, {0, 1, 1})},
       {},
       {Tensor::of<double>({3}, {0, 1, 1})}},
      {"any", "Bernoulli", {p}, seeded, {draw("Bernoulli", seeded, {p})}},
  });
}

TEST(Random, MultinomialFollowsTheLogProbabilities) {
  const Tensor logits = Tensor::of<float>({2, 3}, {0, 1000, 0, std::log(1.0f), std::log(3.0f), -INFINITY});
  const Tensor x =
      draw("Multinomial", {{"sample_size", std::int64_t{10000}}, {"dtype", std::int64_t{7}}}, {logits});
  EXPECT_EQ(text(x), "i64[2,10000]");
  const auto values = x.values<std::int64_t>();
  double ones = 0;
  for (std::size_t i = 0; i < 10000; ++i) {
    ASSERT_EQ(values[i], 1);
    ASSERT_LT(values[10000 + i], 2);
    ones += static_cast<double>(values[10000 + i]);
  }
  EXPECT_NEAR(ones / 10000, 0.75, 0.02);
}

TEST(Random, RefusesWhatIsNoDistribution) {
  const Tensor x(DType::I32, {1, 1});
  check_error({"no class", "Multinomial", {Tensor(DType::F32, {1, 0})}, {}, {x}}, "no class to draw from");
  check_error({"NaN", "Multinomial", {Tensor::of<float>({1, 1}, {NAN})}, {}, {x}}, "no probabilities");
  check_error({"shape", "RandomNormal", {}, {{"shape", std::vector<std::int64_t>{-1}}}, {x}}, "holds -1");
  check_error({"type", "RandomNormal", {}, {{"shape", kLarge}, {"dtype", std::int64_t{99}}}, {x}}, "99");
}

}  // namespace
}  // namespace atlas
