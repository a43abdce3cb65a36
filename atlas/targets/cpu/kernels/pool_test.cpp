#include "atlas/targets/cpu/kernels/pool.h"

#include <cmath>
#include <limits>

#include "atlas/base/error.h"
#include "atlas/targets/cpu/kernels/blocked_pool.h"
#include "atlas/targets/cpu/kernels/blocked_tile.h"
#include "atlas/targets/cpu/kernels/channel_blocks.h"
#include "atlas/targets/cpu/kernels/kernel_testing.h"

namespace atlas::cpu {
namespace {

using PoolTest = KernelTest;

/// Calls element(value) for each element of a window inside the input and pad() for each in the padding.
template <class Element, class Pad>
void visit(const PoolShape& s, const float* x, Spatial o, Element element, Pad pad) {
  for (size_t i = 0; i < s.kernel[0]; ++i)
    for (size_t j = 0; j < s.kernel[1]; ++j)
      for (size_t k = 0; k < s.kernel[2]; ++k) {
        const size_t tap[3] = {i, j, k};
        size_t at[3];
        bool inside = true, padded = true;
        for (size_t dim = 0; dim < 3; ++dim) {
          const size_t place = o[dim] * s.stride[dim] + tap[dim] * s.dilation[dim];
          at[dim] = place - s.pad_begin[dim];  // wraps round where it lies before the input
          inside = inside && at[dim] < s.input[dim];
          padded = padded && place < s.pad_begin[dim] + s.input[dim] + s.pad_end[dim];
        }
        if (inside)
          element(x[(at[0] * s.input[1] + at[1]) * s.input[2] + at[2]]);
        else if (padded)
          pad();
      }
}

/// The same from and to blocks of channels.
void check_blocked(const PoolShape& s, const std::vector<float>& x, const std::vector<float>& max,
                   const std::vector<float>& mean, const std::vector<float>& padded_mean, ThreadPool& pool) {
  const size_t blocks = (s.channels + channel_block - 1) / channel_block, positions = volume(s.output);
  PoolShape shape = s;
  shape.channels = blocks;
  std::vector<float> from(blocks * channel_block * volume(s.input)), to(blocks * channel_block * positions);
  block_channels(1, s.channels, volume(s.input), x.data(), from.data(), pool);
  const auto plain = [&] {
    std::vector<float> out(s.channels * positions);
    unblock_channels(1, s.channels, positions, to.data(), out.data(), pool);
    return out;
  };
  blocked_max_pool(shape, from.data(), to.data(), pool);
  ASSERT_EQ(plain(), max);
  blocked_average_pool(shape, from.data(), to.data(), false, pool);
  ASSERT_THAT(plain(), testing::Pointwise(testing::FloatNear(1e-5f), mean));
  blocked_average_pool(shape, from.data(), to.data(), true, pool);
  ASSERT_THAT(plain(), testing::Pointwise(testing::FloatNear(1e-5f), padded_mean));
  using Input = Numbers<const std::byte>;
  using Output = Numbers<std::byte>;
  check_rounded(from, to.size(), [&](Input in, Output out) { blocked_max_pool(shape, in, out, pool); });
  check_rounded(from, to.size(),
                [&](Input in, Output out) { blocked_average_pool(shape, in, out, false, pool); });
}

void check(const PoolShape& s, ThreadPool& pool) {
  const size_t input = volume(s.input), positions = volume(s.output);
  const auto x = random_floats(s.channels * input, 1);
  std::vector<float> max(s.channels * positions), mean(max.size()), padded_mean(max.size());
  max_pool(s, x.data(), max.data(), pool);
  average_pool(s, x.data(), mean.data(), false, pool);
  average_pool(s, x.data(), padded_mean.data(), true, pool);
  check_blocked(s, x, max, mean, padded_mean, pool);
  for (size_t i = 0; i < max.size(); ++i) {
    const size_t p = i % positions;
    const Spatial o{p / s.output[2] / s.output[1], p / s.output[2] % s.output[1], p % s.output[2]};
    double largest = -std::numeric_limits<double>::infinity(), sum = 0, count = 0, padding = 0;
    visit(
        s, x.data() + i / positions * input, o,
        [&](float value) { largest = std::max(largest, double(value)), sum += value, ++count; },
        [&] { ++padding; });
    ASSERT_EQ(max[i], largest);
    if (count > 0) {
      ASSERT_NEAR(mean[i], sum / count, 1e-5);
    }
    if (count + padding > 0) {
      ASSERT_NEAR(padded_mean[i], sum / (count + padding), 1e-5);
    }
  }
}

TEST_P(PoolTest, LargeWindowsThatMoveByOne) {
  for (const size_t width : {5, 20, 37})
    check({.channels = 3,
           .input = {1, 9, width},
           .kernel = {1, 5, 5},
           .pad_begin = {0, 2, 2},
           .pad_end = {0, 2, 2},
           .output = {1, 9, width}},
          pool);
  check({.channels = 2,
         .input = {4, 8, 30},
         .kernel = {2, 3, 4},
         .stride = {1, 2, 1},
         .dilation = {1, 1, 3},
         .pad_begin = {1, 0, 1},
         .pad_end = {0, 1, 1},
         .output = {4, 4, 23}},
        pool);
}

TEST_P(PoolTest, TwoDimensions) {
  check({.channels = 3,
         .input = {1, 112, 112},
         .kernel = {1, 3, 3},
         .stride = {1, 2, 2},
         .pad_begin = {0, 1, 1},
         .pad_end = {0, 1, 1},
         .output = {1, 56, 56}},
        pool);
  check({.channels = 50, .input = {1, 7, 9}, .kernel = {1, 2, 2}, .output = {1, 6, 8}}, pool);
  check({.channels = 2,
         .input = {1, 20, 21},
         .kernel = {1, 5, 3},
         .stride = {1, 1, 3},
         .dilation = {1, 2, 2},
         .pad_begin = {0, 2, 1},
         .pad_end = {0, 3, 0},
         .output = {1, 17, 6}},
        pool);
}

TEST_P(PoolTest, WindowsBeyondThePadding) {  // output sizes rounded up
  check({.channels = 2, .input = {1, 6, 6}, .kernel = {1, 3, 3}, .stride = {1, 2, 2}, .output = {1, 3, 3}},
        pool);
  check({.channels = 2,
         .input = {1, 7, 7},
         .kernel = {1, 3, 3},
         .stride = {1, 3, 3},
         .pad_begin = {0, 1, 1},
         .pad_end = {0, 1, 1},
         .output = {1, 3, 3}},
        pool);
}

TEST_P(PoolTest, WindowsLargerThanTheImage) {
  check({.channels = 2,
         .input = {1, 2, 3},
         .kernel = {1, 40, 9},
         .stride = {1, 40, 3},
         .dilation = {1, 1, 2},
         .pad_begin = {0, 30, 7},
         .pad_end = {0, 5, 9},
         .output = {1, 1, 2}},
        pool);
  check({.input = {1, 1, 3}, .kernel = {1, 1, 2}, .pad_begin = {0, 0, 5}, .output = {1, 1, 2}}, pool);
  // Would take hours and terabytes, were every tap looked at.
  const PoolShape vast{.input = {1, 2, 2},
                       .kernel = {1, 1 << 20, 1 << 20},
                       .stride = {1, 1 << 20, 1 << 20},
                       .output = {1, 1, 1}};
  const std::vector<float> x = {1, 2, 3, 6};
  float y = 0;
  average_pool(vast, x.data(), &y, false, pool);
  EXPECT_EQ(y, 3);
  max_pool(vast, x.data(), &y, pool);
  EXPECT_EQ(y, 6);
}

TEST_P(PoolTest, OneAndThreeDimensions) {
  check({.channels = 4, .input = {1, 1, 33}, .kernel = {1, 1, 4}, .stride = {1, 1, 2}, .output = {1, 1, 15}},
        pool);
  check({.channels = 2,
         .input = {5, 6, 7},
         .kernel = {2, 3, 2},
         .stride = {1, 2, 2},
         .pad_begin = {1, 0, 1},
         .pad_end = {0, 1, 0},
         .output = {5, 3, 4}},
        pool);
}

TEST_P(PoolTest, NanReachesItsWindowsOnly) {
  std::vector<float> x(64, 1.0f), y(16);
  x[0] = std::numeric_limits<float>::quiet_NaN();
  max_pool({.input = {1, 8, 8}, .kernel = {1, 2, 2}, .stride = {1, 2, 2}, .output = {1, 4, 4}}, x.data(),
           y.data(), pool);
  EXPECT_TRUE(std::isnan(y[0]));
  for (size_t i = 1; i < y.size(); ++i) EXPECT_EQ(y[i], 1);
}

TEST_P(PoolTest, AnEmptyWindowIsNamed) {
  try {
    max_pool({.kernel = {1, 0, 2}}, nullptr, nullptr, pool);
    FAIL() << "no exception";
  } catch (const Error& error) {
    EXPECT_STREQ(error.what(),
                 "pooling: expected output, kernel, stride and dilation above 0, got 1, 0, 1 and 1");
  }
}

ATLAS_TEST_EACH_ISA(PoolTest);

}  // namespace
}  // namespace atlas::cpu
