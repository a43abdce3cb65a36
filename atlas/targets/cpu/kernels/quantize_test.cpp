#include "atlas/targets/cpu/kernels/quantize.h"

#include <cmath>
#include <limits>

#include "atlas/targets/cpu/kernels/kernel_testing.h"

namespace atlas::cpu {
namespace {

using QuantizeTest = KernelTest;

TEST_P(QuantizeTest, RoundsTiesToEvenAndSaturates) {
  const float infinity = std::numeric_limits<float>::infinity();
  std::vector<float> x = random_floats(1000, 1, -100, 100);
  for (int i = -300; i <= 300; ++i) x.push_back(0.25f * static_cast<float>(i));  // every second one a tie
  for (const float extreme : {infinity, -infinity, 1e30f, -1e30f, 3e9f, -3e9f, 0.0f, -0.0f})
    x.push_back(extreme);
  for (const bool is_signed : {false, true})
    for (const int zero : {0, 100, is_signed ? -128 : 255})
      for (const float scale : {0.5f, 0.37f, 1e-30f}) {
        std::vector<uint8_t> levels(x.size()), want(x.size());
        for (size_t i = 0; i < x.size(); ++i) {
          const float level = std::nearbyint(x[i] / scale) + static_cast<float>(zero);
          want[i] = is_signed ? static_cast<uint8_t>(static_cast<int8_t>(std::clamp(level, -128.0f, 127.0f)))
                              : static_cast<uint8_t>(std::clamp(level, 0.0f, 255.0f));
        }
        quantize(x.data(), x.size(), {{is_signed, zero}, scale}, levels.data());
        EXPECT_EQ(levels, want) << is_signed << " " << zero << " " << scale;
      }
}

TEST_P(QuantizeTest, NotANumberIsZero) {
  const std::vector<float> x(21, std::numeric_limits<float>::quiet_NaN());
  for (const bool is_signed : {false, true}) {
    std::vector<uint8_t> levels(x.size(), 9);
    quantize(x.data(), x.size(), {{is_signed, 3}, 1}, levels.data());
    EXPECT_EQ(levels, std::vector<uint8_t>(x.size(), 0));
  }
}

ATLAS_TEST_EACH_ISA(QuantizeTest);

}  // namespace
}  // namespace atlas::cpu
