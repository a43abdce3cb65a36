// Triangles and reversed sequences.
#include <gtest/gtest.h>

#include "atlas/ops/op_harness_test.h"
#include "atlas/tensor/elements.h"

namespace atlas {
namespace {

using Ints = std::vector<std::int64_t>;

Tensor i32(Shape shape, Ints values) {
  return from_ints(DType::I32, std::move(shape), values);
}

TEST(Trilu, KeepsATriangle) {
  const Tensor x = i32({2, 3}, {1, 2, 3, 4, 5, 6});
  const auto k = [](std::int64_t value) { return Tensor::scalar(value); };
  const Attributes lower = {{"upper", std::int64_t{0}}};
  check_cases({
      {"upper", "Trilu", {x}, {}, {i32({2, 3}, {1, 2, 3, 0, 5, 6})}},
      {"upper, above", "Trilu", {x, k(1)}, {}, {i32({2, 3}, {0, 2, 3, 0, 0, 6})}},
      {"lower", "Trilu", {x}, lower, {i32({2, 3}, {1, 0, 0, 4, 5, 0})}},
      {"far", "Trilu", {x, k(INT64_MIN)}, {}, {x}},
      {"batched", "Trilu", {i32({2, 1, 2}, {1, 2, 3, 4}), k(1)}, {}, {i32({2, 1, 2}, {0, 2, 0, 4})}},
  });
  check_error({"rank", "Trilu", {i32({2}, {1, 2})}, {}, {x}}, "expected matrices");
}

TEST(ReverseSequence, ReversesEachItsLength) {
  const Tensor x = i32({3, 2}, {0, 3, 1, 4, 2, 5});
  const Tensor lengths = Tensor::of_ints(Ints{3, 2});
  check_cases({
      {"time first", "ReverseSequence", {x, lengths}, {}, {i32({3, 2}, {2, 4, 1, 3, 0, 5})}},
      {"batch first",
       "ReverseSequence",
       {i32({2, 3}, {0, 1, 2, 3, 4, 5}), lengths},
       {{"batch_axis", std::int64_t{0}}, {"time_axis", std::int64_t{1}}},
       {i32({2, 3}, {2, 1, 0, 4, 3, 5})}},
  });
  check_error({"length", "ReverseSequence", {x, Tensor::of_ints(Ints{4, 1})}, {}, {x}},
              "length 4 is outside");
}

}  // namespace
}  // namespace atlas
