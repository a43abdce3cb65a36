// Elements found by their value.
#include <gtest/gtest.h>

#include <limits>

#include "atlas/ops/content_test.h"
#include "atlas/ops/op_harness_test.h"

namespace atlas {
namespace {

using Ints = std::vector<std::int64_t>;

Tensor i64(Shape shape, Ints values) {
  return Tensor::of<std::int64_t>(std::move(shape), values);
}
Tensor f32(Shape shape, std::vector<float> values) {
  return Tensor::of<float>(std::move(shape), values);
}

TEST(NonZero, ListsCoordinates) {
  check_cases({
      {"bools",
       "NonZero",
       {Tensor::of<bool>({2, 2}, {true, false, true, true})},
       {},
       {i64({2, 3}, {0, 1, 1, 0, 0, 1})}},
      {"none", "NonZero", {f32({3}, {0, -0.0f, 0})}, {}, {i64({1, 0}, {})}},
      {"scalar", "NonZero", {Tensor::scalar(3.0f)}, {}, {i64({0, 1}, {})}},
      {"strings", "NonZero", {Tensor::of<std::string>({2}, {"", "a"})}, {}, {i64({1, 1}, {1})}},
      {"large integers", "NonZero", {i64({2}, {INT64_MIN, 0})}, {}, {i64({1, 1}, {0})}},
  });
}

TEST(TopK, PutsTheFirstOfEqualsFirst) {
  const Tensor x = f32({2, 4}, {1, 3, 3, 2, 0, -1, 5, 5});
  const auto k = [](std::int64_t value) { return i64({1}, {value}); };
  check_cases({
      {"largest", "TopK", {x, k(2)}, {}, {f32({2, 2}, {3, 3, 5, 5}), i64({2, 2}, {1, 2, 2, 3})}},
      {"smallest along axis 0",
       "TopK",
       {x, k(1)},
       {{"axis", std::int64_t{0}}, {"largest", std::int64_t{0}}},
       {f32({1, 4}, {0, -1, 3, 2}), i64({1, 4}, {1, 1, 0, 0})}},
      {"none", "TopK", {x, k(0)}, {}, {f32({2, 0}, {}), i64({2, 0}, {})}},
      {"beyond exact doubles",
       "TopK",
       {i64({3}, {INT64_MAX - 1, INT64_MAX, INT64_MIN}), k(1)},
       {},
       {i64({1}, {INT64_MAX}), i64({1}, {1})}},
      {"u64",
       "TopK",
       {Tensor::of<std::uint64_t>({2}, {1, UINT64_MAX}), k(1)},
       {},
       {Tensor::of<std::uint64_t>({1}, {UINT64_MAX}), i64({1}, {1})}},
  });
  check_error({"too many", "TopK", {x, k(5)}, {}, {x, x}}, "expected K between 0 and 4, got 5");
  EXPECT_EQ(text(inferred("TopK", {known({Dim::symbol("N"), 9}), known_list({Dim::symbol("K")})}, {}, 2)[1]),
            "i64[N,K]");
}

TEST(Unique, GroupsElementsAndSlices) {
  const float nan = std::numeric_limits<float>::quiet_NaN();
  const Tensor x = f32({6}, {2, 1, 1, 3, 4, 3});
  check_cases({
      {"sorted",
       "Unique",
       {x},
       {},
       {f32({4}, {1, 2, 3, 4}), i64({4}, {1, 0, 3, 4}), i64({6}, {1, 0, 0, 2, 3, 2}),
        i64({4}, {2, 1, 2, 1})}},
      {"in order of appearance",
       "Unique",
       {x},
       {{"sorted", std::int64_t{0}}},
       {f32({4}, {2, 1, 3, 4}), i64({4}, {0, 1, 3, 4}), i64({6}, {0, 1, 1, 2, 3, 2}),
        i64({4}, {1, 2, 2, 1})}},
      {"rows",
       "Unique",
       {f32({3, 2}, {1, 0, 1, 0, 0, 9})},
       {{"axis", std::int64_t{0}}},
       {f32({2, 2}, {0, 9, 1, 0}), i64({2}, {2, 0}), i64({3}, {1, 1, 0}), i64({2}, {1, 2})}},
      {"NaNs are one", "Unique", {f32({3}, {nan, 1, nan})}, {}, {f32({2}, {1, nan}), i64({2}, {1, 0})}},
      {"strings",
       "Unique",
       {Tensor::of<std::string>({3}, {"b", "a", "b"})},
       {},
       {Tensor::of<std::string>({2}, {"a", "b"}), Datum(), Datum(), i64({2}, {1, 2})}},
      {"nothing", "Unique", {f32({0}, {})}, {}, {f32({0}, {})}},
  });
}

TEST(NonMaxSuppression, KeepsTheBestOfOverlappingBoxes) {
  const Tensor boxes = f32({1, 4, 4}, {0, 0, 1, 1, 0, 0.1f, 1, 1.1f, 1, 1, 0, 0, 0, 10, 1, 11});
  const Tensor scores = f32({1, 1, 4}, {0.9f, 0.75f, 0.6f, 0.95f});
  const auto most = [](std::int64_t value) { return i64({1}, {value}); };
  check_cases({
      {"overlaps go",
       "NonMaxSuppression",
       {boxes, scores, most(3), f32({1}, {0.5f})},
       {},
       {i64({2, 3}, {0, 0, 3, 0, 0, 0})}},
      {"scores count",
       "NonMaxSuppression",
       {boxes, scores, most(3), f32({1}, {0.5f}), f32({1}, {0.92f})},
       {},
       {i64({1, 3}, {0, 0, 3})}},
      {"at most none by default", "NonMaxSuppression", {boxes, scores}, {}, {i64({0, 3}, {})}},
      {"center and size",
       "NonMaxSuppression",
       {f32({1, 2, 4}, {0.5f, 0.5f, 1, 1, 0.5f, 0.6f, 1, 1}), f32({1, 1, 2}, {1, 2}), most(2),
        f32({1}, {0.5f})},
       {{"center_point_box", std::int64_t{1}}},
       {i64({1, 3}, {0, 0, 1})}},
  });
  check_error({"shapes", "NonMaxSuppression", {boxes, f32({1, 1, 3}, {1, 2, 3})}, {}, {boxes}},
              "boxes [B,N,4]");
}

}  // namespace
}  // namespace atlas
