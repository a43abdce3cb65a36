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

TEST_P(QuantizeTest, NextToTheMiddleOfTwoLevels) {
  for (const float scale : {0.37f, 0.1f, 3.3e-5f, 17.0f}) {
    std::vector<float> x;
    for (int i = -300; i <= 300; ++i) {
      float at = (static_cast<float>(i) + 0.5f) * scale;
      for (int step = 0; step < 4; ++step) at = std::nextafter(at, -1e30f);
      for (int step = 0; step < 8; ++step, at = std::nextafter(at, 1e30f)) x.push_back(at);
    }
    std::vector<uint8_t> levels(x.size()), want(x.size());
    for (size_t i = 0; i < x.size(); ++i)
      want[i] = static_cast<uint8_t>(std::clamp(std::nearbyint(x[i] / scale) + 100, 0.0f, 255.0f));
    quantize(x.data(), x.size(), {{false, 100}, scale}, levels.data());
    EXPECT_EQ(levels, want) << scale;
  }
}

TEST_P(QuantizeTest, RowsTakeTheirOwnLevels) {
  for (const size_t count : {0, 1, 3, 17, 64, 100, 1000})
    for (const float low : {-3.0f, 0.5f, -0.1f}) {
      const std::vector<float> x = random_floats(count, 1, low, 2);
      std::vector<uint8_t> levels(count + 1, 77);
      const Levels row = quantize_row(x.data(), count, levels.data());
      EXPECT_EQ(levels[count], 77);
      EXPECT_FALSE(row.type.is_signed);
      if (low > 0) {
        EXPECT_EQ(row.type.zero_point, 0);
      }
      for (size_t i = 0; i < count; ++i)
        EXPECT_NEAR((levels[i] - row.type.zero_point) * row.scale, x[i], 1.01f * row.scale) << i;
    }
  std::vector<float> zeros(50);
  std::vector<uint8_t> levels(50, 77);
  EXPECT_EQ(quantize_row(zeros.data(), 50, levels.data()).type.zero_point, 0);
  EXPECT_EQ(levels, std::vector<uint8_t>(50, 0));
}

TEST_P(QuantizeTest, RowsThatAreNotFiniteSaySo) {
  const float infinity = std::numeric_limits<float>::infinity();
  for (const float spoiler : {std::nanf(""), infinity, -infinity})
    for (const size_t at : {0, 5, 63, 64, 99}) {
      std::vector<float> x = random_floats(100, 1);
      std::vector<uint8_t> levels(100);
      EXPECT_FALSE(std::isnan(quantize_row(x.data(), 100, levels.data()).scale));
      x[at] = spoiler;
      EXPECT_TRUE(std::isnan(quantize_row(x.data(), 100, levels.data()).scale));
    }
}

TEST_P(QuantizeTest, LevelsBecomeReal) {
  const std::vector<uint8_t> x = random_bytes(1003, 1);
  for (const bool is_signed : {false, true}) {
    std::vector<float> reals(x.size()), want(x.size());
    for (size_t i = 0; i < x.size(); ++i)
      want[i] = static_cast<float>((is_signed ? static_cast<int8_t>(x[i]) : x[i]) - 77) * 0.37f;
    dequantize(x.data(), x.size(), {{is_signed, 77}, 0.37f}, reals.data());
    EXPECT_EQ(reals, want);
  }
}

TEST_P(QuantizeTest, BytesAreLookedUp) {
  const std::vector<uint8_t> table = random_bytes(256, 1);
  for (const size_t count : {0, 1, 63, 64, 65, 1000}) {
    const std::vector<uint8_t> x = random_bytes(count, 2);
    std::vector<uint8_t> levels(count + 1, 77), want(count + 1, 77);
    for (size_t i = 0; i < count; ++i) want[i] = table[x[i]];
    map_bytes(table.data(), x.data(), count, levels.data());
    EXPECT_EQ(levels, want);
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
