// Joining and cutting, with symbols.
#include <gtest/gtest.h>

#include "atlas/ops/content_test.h"
#include "atlas/ops/op_harness_test.h"

namespace atlas {
namespace {

using Ints = std::vector<std::int64_t>;

Tensor list(Ints values) {
  return Tensor::of_ints(values);
}
Tensor floats(Shape shape, std::vector<float> values) {
  return Tensor::of<float>(std::move(shape), values);
}
const Dim kN = Dim::symbol("N");

TEST(Concat, JoinsAlongAnyAxis) {
  const Tensor a = floats({2, 1}, {1, 2});
  const Tensor b = floats({2, 2}, {3, 4, 5, 6});
  check_cases({
      {"last", "Concat", {a, b}, {{"axis", std::int64_t{-1}}}, {floats({2, 3}, {1, 3, 4, 2, 5, 6})}},
      {"first", "Concat", {a, a}, {{"axis", std::int64_t{0}}}, {floats({4, 1}, {1, 2, 1, 2})}},
      {"with nothing",
       "Concat",
       {floats({0}, {}), floats({1}, {1})},
       {{"axis", std::int64_t{0}}},
       {floats({1}, {1})}},
  });
  check_error({"clash", "Concat", {a, b}, {{"axis", std::int64_t{0}}}, {a}}, "expected");
  EXPECT_EQ(text(inferred("Concat", {known({kN, 2}), known({Dim(), 3})}, {{"axis", std::int64_t{1}}})[0]),
            "f32[N,5]");
  EXPECT_EQ(text(inferred("Concat", {known_list({kN}), known_list({-1, 3})}, {{"axis", std::int64_t{0}}})[0]),
            "i64[3] = [N,-1,3]");
}

TEST(Split, ByNumberAndByList) {
  const Tensor x = list({1, 2, 3, 4, 5});
  check_cases({
      {"last is smaller", "Split", {x}, {{"num_outputs", std::int64_t{2}}}, {list({1, 2, 3}), list({4, 5})}},
      {"some are empty",
       "Split",
       {x},
       {{"num_outputs", std::int64_t{4}}},
       {list({1, 2}), list({3, 4}), list({5}), list({})}},
      {"by list", "Split", {x, list({0, 5})}, {}, {list({}), list({1, 2, 3, 4, 5})}},
      {"inner axis",
       "Split",
       {floats({2, 2}, {1, 2, 3, 4})},
       {{"axis", std::int64_t{1}}, {"num_outputs", std::int64_t{2}}},
       {floats({2, 1}, {1, 3}), floats({2, 1}, {2, 4})}},
  });
  check_error({"sum", "Split", {x, list({1, 5})}, {}, {x, x}}, "do not make up extent 5");
  check_error({"count", "Split", {x, list({5})}, {}, {x, x}}, "expected 2 extents");
  const auto halves = inferred("Split", {known({kN * 2, 3})}, {{"num_outputs", std::int64_t{2}}}, 2);
  EXPECT_EQ(text(halves[1]), "f32[N,3]");
  const auto contents = inferred("Split", {known_list({kN, 3, 4}), known_list({1, 2})}, {}, 2);
  EXPECT_EQ(text(contents[1]), "i64[2] = [3,4]");
}

TEST(Slice, FollowsNumpy) {
  const Tensor x = floats({2, 4}, {1, 2, 3, 4, 5, 6, 7, 8});
  const Tensor line = floats({4}, {0, 1, 2, 3});
  check_cases({
      {"steps",
       "Slice",
       {x, list({1, 0}), list({2, 3}), list({0, 1}), list({1, 2})},
       {},
       {floats({1, 2}, {5, 7})}},
      {"default axes", "Slice", {x, list({0, 1}), list({-1, 1000})}, {}, {floats({1, 3}, {2, 3, 4})}},
      {"backwards",
       "Slice",
       {line, list({3}), list({INT64_MIN}), list({0}), list({-1})},
       {},
       {floats({4}, {3, 2, 1, 0})}},
      {"backwards by 2",
       "Slice",
       {line, list({-1}), list({0}), list({-1}), list({-2})},
       {},
       {floats({2}, {3, 1})}},
      {"start beyond", "Slice", {line, list({9}), list({10})}, {}, {floats({0}, {})}},
      {"of nothing, backwards",
       "Slice",
       {floats({0}, {}), list({5}), list({-5}), list({0}), list({-1})},
       {},
       {floats({0}, {})}},
  });
  check_error({"step 0", "Slice", {line, list({0}), list({1}), list({0}), list({0})}, {}, {line}},
              "other than 0");
  check_error({"axis", "Slice", {line, list({0}), list({1}), list({1})}, {}, {line}}, "axis");
  check_error({"counts", "Slice", {line, list({0}), list({1, 2}), list({0})}, {}, {line}}, "as many ends");
}

TEST(Slice, KeepsSymbols) {
  const Dim s = Dim::symbol("S");
  const auto sliced = [&](Dim extent, Dim start, Dim end, Dim step = 1) {
    return text(inferred("Slice", {known({extent}), known_list({start}), known_list({end}), known_list({0}),
                                   known_list({step})})[0]);
  };
  EXPECT_EQ(sliced(kN, 0, INT64_MAX), "f32[N]");
  EXPECT_EQ(sliced(kN + 2, 1, INT64_MAX), "f32[N+1]");
  EXPECT_EQ(sliced(kN + 1, 0, -1), "f32[N]");
  EXPECT_EQ(sliced(kN + 4, -4, INT64_MAX), "f32[4]");
  EXPECT_EQ(sliced(kN * 2, 0, INT64_MAX, 2), "f32[N]");
  EXPECT_EQ(sliced(kN + s, kN, INT64_MAX), "f32[S]");
  EXPECT_EQ(sliced(kN, Dim(), INT64_MAX), "f32[?]");
  EXPECT_EQ(sliced(kN + 5, INT64_MAX, INT64_MIN, -1), "f32[N+5]");
  EXPECT_EQ(text(inferred("Slice", {known_list({kN, 3, s}), known_list({-1}), known_list({INT64_MAX})})[0]),
            "i64[1] = [S]");
}

}  // namespace
}  // namespace atlas
