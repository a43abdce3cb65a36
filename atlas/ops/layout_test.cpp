// Whole tensors rearranged, packed types among them.
#include <gtest/gtest.h>

#include "atlas/ops/content_test.h"
#include "atlas/ops/op_harness_test.h"
#include "atlas/tensor/elements.h"

namespace atlas {
namespace {

using Ints = std::vector<std::int64_t>;

Tensor u8(Shape shape, Ints values) {
  return from_ints(DType::U8, std::move(shape), values);
}
Tensor list(Ints values) {
  return Tensor::of_ints(values);
}

TEST(Transpose, PermutesAnyType) {
  check_cases({
      {"reversed", "Transpose", {u8({2, 3}, {0, 1, 2, 3, 4, 5})}, {}, {u8({3, 2}, {0, 3, 1, 4, 2, 5})}},
      {"permutation",
       "Transpose",
       {u8({1, 2, 3}, {0, 1, 2, 3, 4, 5})},
       {{"perm", Ints{1, 2, 0}}},
       {u8({2, 3, 1}, {0, 1, 2, 3, 4, 5})}},
      {"packed",
       "Transpose",
       {from_ints(DType::I4, {3, 3}, Ints{-8, 1, 2, 3, 4, 5, 6, 7, -1})},
       {},
       {from_ints(DType::I4, {3, 3}, Ints{-8, 3, 6, 1, 4, 7, 2, 5, -1})}},
      {"strings",
       "Transpose",
       {Tensor::of<std::string>({2, 2}, {"a", "b", "c", "d"})},
       {},
       {Tensor::of<std::string>({2, 2}, {"a", "c", "b", "d"})}},
      {"scalar", "Transpose", {u8({}, {3})}, {}, {u8({}, {3})}},
      {"empty", "Transpose", {u8({0, 2}, {})}, {}, {u8({2, 0}, {})}},
  });
  check_error({"twice", "Transpose", {u8({1, 1}, {0})}, {{"perm", Ints{0, 0}}}, {u8({}, {0})}},
              "stands twice");
  check_error({"count", "Transpose", {u8({1, 1}, {0})}, {{"perm", Ints{0}}}, {u8({}, {0})}},
              "expected 2 axes");
}

TEST(Expand, BroadcastsBothWays) {
  check_cases({
      {"up", "Expand", {u8({2, 1}, {1, 2}), list({2, 2, 2})}, {}, {u8({2, 2, 2}, {1, 1, 2, 2, 1, 1, 2, 2})}},
      {"smaller shape", "Expand", {u8({2, 1}, {1, 2}), list({3})}, {}, {u8({2, 3}, {1, 1, 1, 2, 2, 2})}},
      {"ones keep", "Expand", {u8({2}, {1, 2}), list({1})}, {}, {u8({2}, {1, 2})}},
      {"to nothing", "Expand", {u8({1}, {1}), list({0})}, {}, {u8({0}, {})}},
  });
  check_error({"clash", "Expand", {u8({2}, {1, 2}), list({3})}, {}, {u8({}, {0})}}, "broadcast");
  const Dim n = Dim::symbol("N");
  EXPECT_EQ(text(inferred("Expand", {known({1, 3}), known_list({n, 1})})[0]), "f32[N,3]");
}

TEST(Tile, Repeats) {
  check_cases({
      {"both axes",
       "Tile",
       {u8({2, 2}, {1, 2, 3, 4}), list({2, 2})},
       {},
       {u8({4, 4}, {1, 2, 1, 2, 3, 4, 3, 4, 1, 2, 1, 2, 3, 4, 3, 4})}},
      {"none", "Tile", {u8({2}, {1, 2}), list({0})}, {}, {u8({0}, {})}},
  });
  check_error({"count", "Tile", {u8({2}, {1, 2}), list({1, 1})}, {}, {u8({}, {0})}}, "expected 1 repeats");
  check_error({"huge", "Tile", {u8({2}, {1, 2}), list({INT64_MAX})}, {}, {u8({}, {0})}}, "");
  EXPECT_EQ(text(inferred("Tile", {known({Dim::symbol("N")}), known_list({3})})[0]), "f32[3*N]");
}

TEST(DepthToSpace, KnowsBothOrders) {
  const Tensor x = u8({1, 8, 1, 1}, {0, 1, 2, 3, 4, 5, 6, 7});
  check_cases({
      {"DCR",
       "DepthToSpace",
       {x},
       {{"blocksize", std::int64_t{2}}},
       {u8({1, 2, 2, 2}, {0, 2, 4, 6, 1, 3, 5, 7})}},
      {"CRD",
       "DepthToSpace",
       {x},
       {{"blocksize", std::int64_t{2}}, {"mode", std::string("CRD")}},
       {u8({1, 2, 2, 2}, {0, 1, 2, 3, 4, 5, 6, 7})}},
      {"and back",
       "SpaceToDepth",
       {u8({1, 2, 2, 2}, {0, 2, 4, 6, 1, 3, 5, 7})},
       {{"blocksize", std::int64_t{2}}},
       {x}},
  });
  check_error(
      {"mode", "DepthToSpace", {x}, {{"blocksize", std::int64_t{2}}, {"mode", std::string("X")}}, {x}},
      "DCR or CRD");
  check_error({"channels", "DepthToSpace", {x}, {{"blocksize", std::int64_t{3}}}, {x}}, "does not divide");
  check_error({"no block", "SpaceToDepth", {x}, {{"blocksize", std::int64_t{0}}}, {x}},
              "blocksize of 1 or more");
}

}  // namespace
}  // namespace atlas
