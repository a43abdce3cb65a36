#include "atlas/targets/cpu/kernels/softmax.h"

#include <cmath>
#include <limits>

#include "atlas/targets/cpu/kernels/kernel_testing.h"

namespace atlas::cpu {
namespace {

using SoftmaxTest = KernelTest;

TEST_P(SoftmaxTest, EveryAxis) {
  for (const size_t outer : {1, 3, 50})
    for (const size_t n : {1, 2, 7, 16, 33, 200})
      for (const size_t inner : {1, 2, 15, 16, 37})
        for (const bool log : {false, true}) {
          const auto x = random_floats(outer * n * inner, 1, -30, 30);
          auto y = x;
          softmax(y.data(), y.data(), outer, n, inner, log, pool);
          for (size_t line = 0; line < outer * inner; ++line) {
            const size_t first = line / inner * n * inner + line % inner;
            double max = -1e9, sum = 0;
            for (size_t i = 0; i < n; ++i) max = std::max(max, double(x[first + i * inner]));
            for (size_t i = 0; i < n; ++i) sum += std::exp(x[first + i * inner] - max);
            for (size_t i = 0; i < n; ++i) {
              const double shifted = x[first + i * inner] - max;
              ASSERT_NEAR(y[first + i * inner], log ? shifted - std::log(sum) : std::exp(shifted) / sum,
                          log ? 1e-5 : 1e-6)
                  << outer << " " << n << " " << inner;
            }
          }
        }
}

TEST_P(SoftmaxTest, LargeValuesAndMaskedOnes) {
  constexpr float infinity = std::numeric_limits<float>::infinity();
  float y[] = {1e30f, -infinity, 1e30f, -1e38f};
  softmax(y, y, 1, 4, 1, false, pool);
  EXPECT_EQ(y[0], 0.5f);
  EXPECT_EQ(y[1], 0);
  EXPECT_EQ(y[3], 0);
}

TEST_P(SoftmaxTest, NanStaysInItsLine) {
  std::vector<float> y(40, 1.0f);
  y[3] = std::numeric_limits<float>::quiet_NaN();
  softmax(y.data(), y.data(), 2, 20, 1, false, pool);
  EXPECT_TRUE(std::isnan(y[0]));
  EXPECT_FLOAT_EQ(y[20], 0.05f);
}

ATLAS_TEST_EACH_ISA(SoftmaxTest);

}  // namespace
}  // namespace atlas::cpu
