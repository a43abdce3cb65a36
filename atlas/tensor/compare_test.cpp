// Differences are found and named.
#include "atlas/tensor/compare.h"

#include <gtest/gtest.h>

#include <cmath>

namespace atlas {
namespace {

TEST(Compare, TellsWhatDiffers) {
  const Tensor a = Tensor::of<float>({3}, {1, 2, NAN});
  EXPECT_EQ(difference(a, Tensor::of<float>({3}, {1, 2.0005f, NAN}), {}), "");
  EXPECT_EQ(difference(a, Tensor::of<float>({3}, {1, 4, NAN}), {}),
            "1 of 3 elements differ, the worst is element 1: expected 4, got 2");
  EXPECT_EQ(difference(a, Tensor::of<double>({3}, {1, 2, 3}), {}), "expected f64[3], got f32[3]");
  EXPECT_EQ(difference(a, Tensor::of<float>({3}, {1, 2, INFINITY}), {}),
            "1 of 3 elements differ, the worst is element 2: expected inf, got nan");
  EXPECT_EQ(difference(Tensor::of<std::string>({1}, {"a"}), Tensor::of<std::string>({1}, {"b"}), {}),
            "element 0: expected \"b\", got \"a\"");
  EXPECT_EQ(difference(Sequence{a}, Sequence{}, {}), "expected sequence of 0, got sequence of 1");
  EXPECT_EQ(difference(Datum(), a, {}), "expected f32[3], got nothing");
}

}  // namespace
}  // namespace atlas
