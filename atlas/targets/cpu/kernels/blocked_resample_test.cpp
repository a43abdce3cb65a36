#include "atlas/targets/cpu/kernels/blocked_resample.h"

#include <limits>

#include "atlas/targets/cpu/kernels/blocked_tile.h"
#include "atlas/targets/cpu/kernels/kernel_testing.h"

namespace atlas::cpu {
namespace {

using BlockedResampleTest = KernelTest;

// From three positions to two: the mean of the first two, and the last.
const ResampleTable kFewer{3, 2, 2, {0, 1, 2, 2}, {0.5f, 0.5f, 1, 0}};
// From two to five, with three taps.
const ResampleTable kMore{2,
                          5,
                          3,
                          {0, 0, 0, 0, 1, 0, 0, 1, 1, 1, 0, 0, 1, 1, 1},
                          {1, 0, 0, 0.75f, 0.25f, 0, 0.5f, 0.25f, 0.25f, 1.5f, -0.5f, 0, 1, 0, 0}};

void check(const ResampleTable& rows, const ResampleTable& columns, ThreadPool& pool) {
  constexpr size_t planes = 3;
  const auto x = random_floats(planes * rows.input * columns.input * channel_block, 1);
  // One axis after the other.
  std::vector<float> between(planes * rows.output * columns.input * channel_block);
  std::vector<float> want(planes * rows.output * columns.output * channel_block), got(want.size());
  resample(rows, x.data(), between.data(), planes, columns.input * channel_block, pool);
  resample(columns, between.data(), want.data(), planes * rows.output, channel_block, pool);
  blocked_resample(rows, columns, planes, x.data(), got.data(), pool);
  EXPECT_THAT(got, testing::Pointwise(testing::FloatNear(1e-6f), want));
  check_rounded(x, want.size(), [&](Numbers<const std::byte> in, Numbers<std::byte> out) {
    blocked_resample(rows, columns, planes, in, out, pool);
  });
}

TEST_P(BlockedResampleTest, AlongBothAxes) {
  for (const ResampleTable* rows : {&kFewer, &kMore})
    for (const ResampleTable* columns : {&kFewer, &kMore}) check(*rows, *columns, pool);
}

TEST_P(BlockedResampleTest, WhatDoesNotCountIsNotLookedAt) {
  std::vector<float> x(2 * 2 * channel_block, 1), y(5 * 5 * channel_block);
  x.back() = std::numeric_limits<float>::infinity();  // of the last row and column
  blocked_resample(kMore, kMore, 1, x.data(), y.data(), pool);
  EXPECT_EQ(y[channel_block - 1], 1);
  EXPECT_EQ(y.back(), x.back());
}

ATLAS_TEST_EACH_ISA(BlockedResampleTest);

}  // namespace
}  // namespace atlas::cpu
