// Shapes asked for and changed, with symbols.
#include <gtest/gtest.h>

#include "atlas/ops/content_test.h"
#include "atlas/ops/op_harness_test.h"

namespace atlas {
namespace {

Tensor list(std::initializer_list<std::int64_t> values) {
  return Tensor::of_ints(std::span(values.begin(), values.size()));
}
Tensor iota(Shape shape) {
  std::vector<float> values(element_count(shape));
  for (std::size_t i = 0; i < values.size(); ++i) values[i] = static_cast<float>(i);
  return Tensor::of<float>(std::move(shape), values);
}
const Dim kN = Dim::symbol("N");

TEST(Shape, TakesARange) {
  const Tensor x = iota({2, 3, 4});
  check_cases({
      {"all", "Shape", {x}, {}, {list({2, 3, 4})}},
      {"negative bounds",
       "Shape",
       {x},
       {{"start", std::int64_t{-2}}, {"end", std::int64_t{-1}}},
       {list({3})}},
      {"clamped", "Shape", {x}, {{"start", std::int64_t{-9}}, {"end", std::int64_t{9}}}, {list({2, 3, 4})}},
      {"crossed", "Shape", {x}, {{"start", std::int64_t{2}}, {"end", std::int64_t{1}}}, {list({})}},
      {"scalar", "Shape", {Tensor::scalar(1.0f)}, {}, {list({})}},
      {"size", "Size", {x}, {}, {Tensor::scalar<std::int64_t>(24)}},
  });
  EXPECT_EQ(text(inferred("Shape", {known({kN, 3, Dim()})})[0]), "i64[3] = [N,3,?]");
  EXPECT_EQ(text(inferred("Size", {known({kN, 3})})[0]), "i64[] = [3*N]");
}

TEST(Reshape, ResolvesZeroAndMinusOne) {
  const Tensor x = iota({2, 3, 4});
  check_cases({
      {"numbers", "Reshape", {x, list({4, 6})}, {}, {iota({4, 6})}},
      {"rest", "Reshape", {x, list({2, -1, 2})}, {}, {iota({2, 6, 2})}},
      {"copied", "Reshape", {x, list({0, -1})}, {}, {iota({2, 12})}},
      {"scalar", "Reshape", {iota({1}), list({})}, {}, {iota({})}},
      {"zero is zero",
       "Reshape",
       {iota({0, 3}), list({3, 0})},
       {{"allowzero", std::int64_t{1}}},
       {iota({3, 0})}},
      {"strings",
       "Reshape",
       {Tensor::of<std::string>({2}, {"a", "b"}), list({2, 1})},
       {},
       {Tensor::of<std::string>({2, 1}, {"a", "b"})}},
  });
  check_error({"size", "Reshape", {x, list({5})}, {}, {x}}, "does not hold the 24 elements");
  check_error({"rest", "Reshape", {x, list({5, -1})}, {}, {x}}, "do not divide");
  check_error({"two rests", "Reshape", {x, list({-1, -1})}, {}, {x}}, "at most one extent of -1");
  check_error({"copy", "Reshape", {iota({2}), list({1, 0, 2})}, {}, {x}}, "to be copied");
}

TEST(Reshape, KeepsSymbols) {
  const Dim s = Dim::symbol("S");
  const auto dims = [](const std::vector<Knowledge>& outputs) { return text(outputs.at(0)); };
  EXPECT_EQ(dims(inferred("Reshape", {known({kN, s, 768}), known_list({0, 0, 12, 64})})), "f32[N,S,12,64]");
  EXPECT_EQ(dims(inferred("Reshape", {known({kN, s, 12, 64}), known_list({kN, s, -1})})), "f32[N,S,768]");
  EXPECT_EQ(dims(inferred("Reshape", {known({kN, Dim(), 4}), known_list({0, 0, 2, -1})})), "f32[N,?,2,2]");
  EXPECT_EQ(dims(inferred("Reshape", {known({kN, 8}), known_list({-1, 4})})), "f32[2*N,4]");
}

TEST(Flatten, SplitsAtAnyAxis) {
  const Tensor x = iota({2, 3, 4});
  check_cases({
      {"default", "Flatten", {x}, {}, {iota({2, 12})}},
      {"first", "Flatten", {x}, {{"axis", std::int64_t{0}}}, {iota({1, 24})}},
      {"last", "Flatten", {x}, {{"axis", std::int64_t{3}}}, {iota({24, 1})}},
      {"negative", "Flatten", {x}, {{"axis", std::int64_t{-1}}}, {iota({6, 4})}},
  });
  check_error({"axis", "Flatten", {x}, {{"axis", std::int64_t{4}}}, {x}}, "axis");
}

TEST(Squeeze, DropsAxesOfOne) {
  const Tensor x = iota({1, 3, 1});
  check_cases({
      {"all", "Squeeze", {x}, {}, {iota({3})}},
      {"one", "Squeeze", {x, list({-1})}, {}, {iota({1, 3})}},
      {"none", "Squeeze", {x, list({})}, {}, {iota({1, 3, 1})}},
  });
  check_error({"extent", "Squeeze", {x, list({1})}, {}, {x}}, "extent of 1 at axis 1");
  check_error({"twice", "Squeeze", {x, list({0, -3})}, {}, {x}}, "named twice");
}

TEST(Unsqueeze, AddsAxesOfOne) {
  const Tensor x = iota({3, 4});
  check_cases({
      {"one", "Unsqueeze", {x, list({0})}, {}, {iota({1, 3, 4})}},
      {"unsorted and negative", "Unsqueeze", {x, list({-1, 1})}, {}, {iota({3, 1, 4, 1})}},
  });
  check_error({"outside", "Unsqueeze", {x, list({3})}, {}, {x}}, "axis");
  EXPECT_EQ(text(inferred("Unsqueeze", {known_scalar(kN), known_list({0})})[0]), "i64[1] = [N]");
}

}  // namespace
}  // namespace atlas
