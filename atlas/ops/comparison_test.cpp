// Comparisons, and choice by them.
#include <gtest/gtest.h>

#include <limits>

#include "atlas/ops/op_harness_test.h"

namespace atlas {
namespace {

Tensor f32(std::initializer_list<float> values) {
  return Tensor::of<float>({static_cast<std::int64_t>(values.size())}, values);
}
Tensor truth(std::initializer_list<bool> values) {
  return Tensor::of<bool>({static_cast<std::int64_t>(values.size())}, values);
}
Tensor words(std::initializer_list<std::string> values) {
  return Tensor::of<std::string>({static_cast<std::int64_t>(values.size())}, values);
}

TEST(Comparison, OrdersNumbers) {
  const float nan = std::numeric_limits<float>::quiet_NaN();
  const Tensor a = f32({1, 2, 3, nan});
  const Tensor b = f32({2, 2, 2, nan});
  check_cases({
      {"f32", "Equal", {a, b}, {}, {truth({false, true, false, false})}},
      {"f32", "Greater", {a, b}, {}, {truth({false, false, true, false})}},
      {"f32", "GreaterOrEqual", {a, b}, {}, {truth({false, true, true, false})}},
      {"f32", "Less", {a, b}, {}, {truth({true, false, false, false})}},
      {"f32", "LessOrEqual", {a, b}, {}, {truth({true, true, false, false})}},
      {"broadcast", "Less", {Tensor::scalar(2.0f), a}, {}, {truth({false, false, true, false})}},
      {"u64 has no sign",
       "Greater",
       {Tensor::of<std::uint64_t>({1}, {1ull << 63}), Tensor::of<std::uint64_t>({1}, {1})},
       {},
       {truth({true})}},
      {"i64 exact",
       "Equal",
       {Tensor::of<std::int64_t>({1}, {9007199254740993}), Tensor::of<std::int64_t>({1}, {9007199254740992})},
       {},
       {truth({false})}},
  });
}

TEST(Comparison, ComparesStringsAndTruthValues) {
  check_cases({
      {"strings", "Equal", {words({"a", "b"}), words({"a"})}, {}, {truth({true, false})}},
      {"bool", "Equal", {truth({true, false}), truth({false})}, {}, {truth({false, true})}},
  });
}

TEST(Comparison, Chooses) {
  const Tensor condition = Tensor::of<bool>({2, 1}, {true, false});
  check_cases({
      {"broadcast",
       "Where",
       {condition, f32({1, 2}), f32({9})},
       {},
       {Tensor::of<float>({2, 2}, {1, 2, 9, 9})}},
      {"strings",
       "Where",
       {truth({true, false}), words({"a", "b"}), words({"c", "d"})},
       {},
       {words({"a", "d"})}},
      {"i64 exact",
       "Where",
       {truth({true}), Tensor::of<std::int64_t>({1}, {9007199254740993}), Tensor::of<std::int64_t>({1}, {0})},
       {},
       {Tensor::of<std::int64_t>({1}, {9007199254740993})}},
  });
  check_error({"types", "Where", {truth({true}), f32({1}), words({"a"})}, {}, {f32({1})}},
              "expected type f32");
}

}  // namespace
}  // namespace atlas
