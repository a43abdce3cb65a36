// Truth values and bits.
#include <gtest/gtest.h>

#include "atlas/ops/op_harness_test.h"

namespace atlas {
namespace {

Tensor u8(std::initializer_list<std::uint8_t> values) {
  return Tensor::of<std::uint8_t>({static_cast<std::int64_t>(values.size())}, values);
}

TEST(Logic, CombinesTruthValues) {
  const Tensor a = Tensor::of<bool>({2, 1}, {true, false});
  const Tensor b = Tensor::of<bool>({2}, {true, false});
  check_cases({
      {"table", "And", {a, b}, {}, {Tensor::of<bool>({2, 2}, {true, false, false, false})}},
      {"table", "Or", {a, b}, {}, {Tensor::of<bool>({2, 2}, {true, true, true, false})}},
      {"table", "Xor", {a, b}, {}, {Tensor::of<bool>({2, 2}, {false, true, true, false})}},
  });
}

TEST(Logic, CombinesBits) {
  check_cases({
      {"u8", "BitwiseAnd", {u8({12, 255}), u8({10, 16})}, {}, {u8({8, 16})}},
      {"u8", "BitwiseOr", {u8({12, 255}), u8({10, 16})}, {}, {u8({14, 255})}},
      {"i16",
       "BitwiseXor",
       {Tensor::of<std::int16_t>({1}, {-1}), Tensor::of<std::int16_t>({1}, {5})},
       {},
       {Tensor::of<std::int16_t>({1}, {-6})}},
  });
}

TEST(Logic, ShiftsBits) {
  const Attributes left = {{"direction", std::string("LEFT")}};
  const Attributes right = {{"direction", std::string("RIGHT")}};
  check_cases({
      {"out of the top", "BitShift", {u8({16, 4, 1}), u8({1, 7, 8})}, left, {u8({32, 0, 0})}},
      {"down", "BitShift", {u8({16, 4, 1}), u8({1, 2, 200})}, right, {u8({8, 1, 0})}},
      {"the top bit",
       "BitShift",
       {Tensor::of<std::uint64_t>({1}, {1ull << 63}), Tensor::of<std::uint64_t>({1}, {63})},
       right,
       {Tensor::of<std::uint64_t>({1}, {1})}},
  });
  check_error({"direction", "BitShift", {u8({1}), u8({1})}, {{"direction", std::string("UP")}}, {u8({1})}},
              "expected LEFT or RIGHT");
}

}  // namespace
}  // namespace atlas
