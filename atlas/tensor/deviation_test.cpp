#include "atlas/tensor/deviation.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>

namespace atlas {
namespace {

// Differences of 0, 0.5 and 1 beside 3, 4 and 12.
TEST(Deviation, ByHand) {
  const Deviation found = deviation(Tensor::of<float>({3}, {3, 4.5, 13}), Tensor::of<float>({3}, {3, 4, 12}));
  EXPECT_EQ(found.max_abs, 1);
  EXPECT_EQ(found.worst, 2u);
  EXPECT_EQ(found.max_rel, 0.125);
  EXPECT_DOUBLE_EQ(found.of_largest, 1.0 / 12);
  EXPECT_DOUBLE_EQ(found.cosine, (9 + 18 + 156) / std::sqrt((9 + 20.25 + 169) * 169.0));
  EXPECT_DOUBLE_EQ(found.snr_db, 10 * std::log10(169 / 1.25));
  EXPECT_TRUE(found.within(0.1));
  EXPECT_FALSE(found.within(0.05));
}

TEST(Deviation, OfEqualTensorsIsNone) {
  const float nan = std::numeric_limits<float>::quiet_NaN();
  for (const Tensor& tensor :
       {Tensor::of<float>({2}, {nan, 1}), Tensor::of<float>({2}, {0, 0}), Tensor(DType::F32, {0})}) {
    const Deviation found = deviation(tensor, tensor.clone());
    EXPECT_EQ(found.max_abs, 0);
    EXPECT_EQ(found.cosine, 1);
    EXPECT_EQ(found.snr_db, std::numeric_limits<double>::infinity());
    EXPECT_TRUE(found.within(0));
  }
}

TEST(Deviation, ElementTypesMayDiffer) {
  EXPECT_TRUE(deviation(Tensor::of<double>({2}, {1, 2}), Tensor::of<float>({2}, {1, 2})).within(0));
}

TEST(Deviation, WhatIsNotExpectedIsInfinite) {
  const float nan = std::numeric_limits<float>::quiet_NaN();
  const Deviation found = deviation(Tensor::of<float>({2}, {nan, 1}), Tensor::of<float>({2}, {5, 1}));
  EXPECT_EQ(found.of_largest, std::numeric_limits<double>::infinity());
  EXPECT_FALSE(found.within(1e9));
  // Something where nothing was expected.
  EXPECT_FALSE(deviation(Tensor::of<float>({1}, {1e-9f}), Tensor::of<float>({1}, {0})).within(1e9));
}

TEST(Deviation, ShapesMustNotDiffer) {
  const Deviation found = deviation(Tensor(DType::F32, {2}), Tensor(DType::F32, {2, 1}));
  EXPECT_EQ(found.mismatch, "expected f32[2,1], got f32[2]");
  EXPECT_FALSE(found.within(1));
}

}  // namespace
}  // namespace atlas
