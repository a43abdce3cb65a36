// Positions of extrema.
#include <gtest/gtest.h>

#include <limits>

#include "atlas/ops/op_harness_test.h"

namespace atlas {
namespace {

Tensor i64(Shape shape, std::initializer_list<std::int64_t> values) {
  return Tensor::of<std::int64_t>(std::move(shape), values);
}

TEST(ArgExtrema, GivesKnownValues) {
  const Tensor x = Tensor::of<float>({2, 3}, {2, 2, 1, 3, 10, 10});
  const Attributes last = {{"axis", std::int64_t{-1}}, {"select_last_index", std::int64_t{1}}};
  const Attributes dropped = {{"axis", std::int64_t{1}}, {"keepdims", std::int64_t{0}}};
  check_cases({
      {"default axis", "ArgMax", {x}, {}, {i64({1, 3}, {1, 1, 1})}},
      {"first of equal", "ArgMax", {x}, dropped, {i64({2}, {0, 1})}},
      {"last of equal", "ArgMax", {x}, last, {i64({2, 1}, {1, 2})}},
      {"smallest", "ArgMin", {x}, dropped, {i64({2}, {2, 0})}},
      {"i64 exact", "ArgMax", {i64({2}, {9007199254740992, 9007199254740993})}, {}, {i64({1}, {1})}},
      {"no lines", "ArgMax", {Tensor(DType::F32, {2, 0})}, {}, {Tensor(DType::I64, {1, 0})}},
  });
}

TEST(ArgExtrema, FindsNanFirst) {
  const float nan = std::numeric_limits<float>::quiet_NaN();
  const Tensor x = Tensor::of<float>({4}, {1, nan, 5, nan});
  check_cases({
      {"nan", "ArgMax", {x}, {}, {i64({1}, {1})}},
      {"nan", "ArgMin", {x}, {{"select_last_index", std::int64_t{1}}}, {i64({1}, {3})}},
  });
}

TEST(ArgExtrema, RefusesEmptyLines) {
  check_error({"empty", "ArgMax", {Tensor(DType::F32, {0, 2})}, {}, {i64({1, 2}, {0, 0})}},
              "expected elements along axis 0");
}

TEST(ArgExtrema, MarksTheLargest) {
  check_cases({{"ties",
                "Hardmax",
                {Tensor::of<float>({2, 3}, {3, 3, 1, 0, 1, 2})},
                {},
                {Tensor::of<float>({2, 3}, {1, 0, 0, 0, 0, 1})}},
               {"axis",
                "Hardmax",
                {Tensor::of<float>({2, 2}, {3, 0, 1, 2})},
                {{"axis", std::int64_t{0}}},
                {Tensor::of<float>({2, 2}, {1, 0, 0, 1})}}});
}

}  // namespace
}  // namespace atlas
