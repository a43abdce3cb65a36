// Sums, products, quotients, powers and remainders.
#include <gtest/gtest.h>

#include <limits>

#include "atlas/ops/infer.h"
#include "atlas/ops/infer_context.h"
#include "atlas/ops/op_harness_test.h"

namespace atlas {
namespace {

Tensor i32(std::initializer_list<std::int32_t> values) {
  return Tensor::of<std::int32_t>({static_cast<std::int64_t>(values.size())}, values);
}
Tensor i64(std::initializer_list<std::int64_t> values) {
  return Tensor::of<std::int64_t>({static_cast<std::int64_t>(values.size())}, values);
}
Tensor f32(std::initializer_list<float> values) {
  return Tensor::of<float>({static_cast<std::int64_t>(values.size())}, values);
}

TEST(Arithmetic, Broadcasts) {
  check_cases({
      {"column and row",
       "Add",
       {Tensor::of<float>({2, 1}, {1, 2}), f32({10, 20, 30})},
       {},
       {Tensor::of<float>({2, 3}, {11, 21, 31, 12, 22, 32})}},
      {"scalar", "Mul", {Tensor::scalar(2.0f), f32({1, 2})}, {}, {f32({2, 4})}},
      {"empty", "Sub", {Tensor(DType::F32, {0, 3}), f32({1, 2, 3})}, {}, {Tensor(DType::F32, {0, 3})}},
      {"scalars", "Div", {Tensor::scalar(1.0), Tensor::scalar(4.0)}, {}, {Tensor::scalar(0.25)}},
  });
  check_error({"misfit", "Add", {f32({1, 2}), f32({1, 2, 3})}, {}, {f32({0})}}, "do not broadcast");
}

TEST(Arithmetic, KeepsIntegersExactAndWraps) {
  constexpr std::int64_t kLowest = std::numeric_limits<std::int64_t>::min();
  check_cases({
      {"i64", "Add", {i64({9007199254740993}), i64({2})}, {}, {i64({9007199254740995})}},
      {"i64 wraps", "Sub", {i64({kLowest}), i64({1})}, {}, {i64({std::numeric_limits<std::int64_t>::max()})}},
      {"u8 wraps",
       "Mul",
       {Tensor::of<std::uint8_t>({1}, {16}), Tensor::of<std::uint8_t>({1}, {17})},
       {},
       {Tensor::of<std::uint8_t>({1}, {16})}},
      {"u64 has no sign",
       "Div",
       {Tensor::of<std::uint64_t>({1}, {~0ull}), Tensor::of<std::uint64_t>({1}, {2})},
       {},
       {Tensor::of<std::uint64_t>({1}, {~0ull / 2})}},
  });
}

TEST(Arithmetic, DividesTowardsZero) {
  constexpr std::int64_t kLowest = std::numeric_limits<std::int64_t>::min();
  check_cases({
      {"signs", "Div", {i32({-7, 7, 7}), i32({2, -2, 2})}, {}, {i32({-3, -3, 3})}},
      {"overflow", "Div", {i64({kLowest}), i64({-1})}, {}, {i64({kLowest})}},
  });
  check_error({"zero", "Div", {i32({1}), i32({0})}, {}, {i32({0})}}, "division by zero");
}

TEST(Arithmetic, TakesRemaindersBothWays) {
  const Tensor a = i32({-4, 7, 5, 4, -7, 8});
  const Tensor b = i32({2, -3, 8, -2, 3, 5});
  check_cases({
      {"sign of the divisor", "Mod", {a, b}, {}, {i32({0, -2, 5, 0, 2, 3})}},
      {"sign of the dividend", "Mod", {a, b}, {{"fmod", std::int64_t{1}}}, {i32({0, 1, 5, 0, -1, 3})}},
      {"floats",
       "Mod",
       {f32({-4.5f, 7.5f}), f32({2, -3})},
       {{"fmod", std::int64_t{1}}},
       {f32({-0.5f, 1.5f})}},
  });
  check_error({"floats", "Mod", {f32({1}), f32({1})}, {}, {f32({0})}}, "'fmod' to be 1");
  check_error({"zero", "Mod", {i32({1}), i32({0})}, {}, {i32({0})}}, "division by zero");
}

TEST(Arithmetic, RaisesToPowers) {
  check_cases({
      {"f32", "Pow", {f32({1, 2, 3}), f32({4, 5, 6})}, {}, {f32({1, 32, 729})}},
      {"exact", "Pow", {i64({3}), i64({39})}, {}, {i64({4052555153018976267})}},
      {"negative exponent", "Pow", {i32({2, -1, 1}), i32({-1, -3, -2})}, {}, {i32({0, -1, 1})}},
      {"mixed", "Pow", {i32({2, 3}), f32({3, 2})}, {}, {i32({8, 9})}},
      {"f16 base",
       "Pow",
       {Tensor::of<F16>({1}, {F16(2.0)}), i64({3})},
       {},
       {Tensor::of<F16>({1}, {F16(8.0)})}},
  });
}

// What is known of the result of `op` on two I64 vectors of these contents.
std::string content_of(const char* op, const Dims& a, const Dims& b) {
  const auto known = [](const Dims& content) {
    return Knowledge{Type::tensor(DType::I64, Dims{static_cast<std::int64_t>(content.size())}), nullptr,
                     content};
  };
  Node node{.op = op, .inputs = {ValueId{0}, ValueId{1}}, .outputs = {ValueId{2}}};
  const Knowledge out = infer_node(*standard_ops().find("", op), node, {known(a), known(b)}, {}).front();
  return out.content ? text(*out.content) : "nothing";
}

TEST(Arithmetic, FollowsSizes) {
  const Dim n = Dim::symbol("N");
  EXPECT_EQ(content_of("Add", {n, 3}, {1}), text(Dims{n + 1, 4}));
  EXPECT_EQ(content_of("Sub", {n, 3}, {n, 1}), text(Dims{0, 2}));
  EXPECT_EQ(content_of("Mul", {n, 3}, {2, n}), text(Dims{2 * n, 3 * n}));
  EXPECT_EQ(content_of("Div", {n, -7}, {2, 2}), text(Dims{floor_div(n, 2), -3}));
  EXPECT_EQ(content_of("Div", {4, 4}, {n, 0}), text(Dims{Dim(), Dim()}));
  EXPECT_EQ(content_of("Mod", {n, -7}, {2, 2}), text(Dims{mod(n, 2), 1}));
  EXPECT_EQ(content_of("Max", {n, 3}, {1, 1}), text(Dims{max(n, 1), 3}));
  EXPECT_EQ(content_of("Equal", {n, n, n, 3}, {n, -1, 5, 3}), text(Dims{1, 0, Dim(), 1}));
}

}  // namespace
}  // namespace atlas
