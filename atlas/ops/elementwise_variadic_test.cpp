// Sum, mean, largest and smallest of several tensors.
#include <gtest/gtest.h>

#include <limits>

#include "atlas/ops/op_harness_test.h"

namespace atlas {
namespace {

Tensor f32(std::initializer_list<float> values) {
  return Tensor::of<float>({static_cast<std::int64_t>(values.size())}, values);
}

TEST(ElementwiseVariadic, GivesKnownValues) {
  const Tensor a = f32({3, 0, 2});
  const Tensor b = f32({1, 3, 4});
  const Tensor c = f32({2, 6, 6});
  check_cases({
      {"three", "Sum", {a, b, c}, {}, {f32({6, 9, 12})}},
      {"three", "Mean", {a, b, c}, {}, {f32({2, 3, 4})}},
      {"three", "Max", {a, b, c}, {}, {f32({3, 6, 6})}},
      {"three", "Min", {a, b, c}, {}, {f32({1, 0, 2})}},
      {"one", "Mean", {a}, {}, {a}},
      {"broadcast",
       "Max",
       {a, Tensor::of<float>({2, 1}, {1, 5})},
       {},
       {Tensor::of<float>({2, 3}, {3, 1, 2, 5, 5, 5})}},
  });
}

TEST(ElementwiseVariadic, PassesNanOnAndKeepsIntegersExact) {
  const float nan = std::numeric_limits<float>::quiet_NaN();
  const Tensor large = Tensor::of<std::uint64_t>({1}, {(1ull << 63) + 1});
  check_cases({
      {"nan first", "Max", {f32({nan, 1}), f32({1, nan})}, {}, {f32({nan, nan})}},
      {"nan first", "Min", {f32({nan, 1}), f32({1, nan})}, {}, {f32({nan, nan})}},
      {"u64", "Max", {large, Tensor::of<std::uint64_t>({1}, {5})}, {}, {large}},
  });
  check_error({"none", "Sum", {}, {}, {f32({1})}}, "expected at least 1 inputs");
}

}  // namespace
}  // namespace atlas
