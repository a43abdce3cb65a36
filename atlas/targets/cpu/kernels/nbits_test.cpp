#include "atlas/targets/cpu/kernels/nbits.h"

#include <cmath>
#include <limits>

#include "atlas/targets/cpu/kernels/kernel_testing.h"

namespace atlas::cpu {
namespace {

using NbitsTest = KernelTest;

// A matrix with all that it has, and its elements as real numbers.
struct Sample {
  NbitsShape shape;
  std::vector<uint8_t> codes, zero_bytes;
  std::vector<float> scales, zero_reals;

  explicit Sample(const NbitsShape& s, unsigned seed = 1)
      : shape(s),
        codes(random_bytes(s.code_bytes(), seed)),
        zero_bytes(random_bytes(s.n * s.zero_bytes(), seed + 1)),
        scales(random_floats(s.scale_count(), seed + 2, 0.01f, 0.1f)),
        zero_reals(random_floats(s.scale_count(), seed + 3, 0, 10)) {}

  NbitsMatrix matrix() const {
    return {codes.data(), scales.data(), shape.zeros == NbitsZeros::Bytes ? zero_bytes.data() : nullptr,
            shape.zeros == NbitsZeros::Reals ? zero_reals.data() : nullptr};
  }

  int number(const uint8_t* from, size_t i) const {
    return from[i * shape.bits / 8] >> (i * shape.bits % 8) & ((1 << shape.bits) - 1);
  }

  float element(size_t step, size_t column) const {
    const size_t block = column * shape.blocks() + step / shape.block;
    const int code = number(codes.data() + block * (shape.block / 8 * shape.bits), step % shape.block);
    float zero = static_cast<float>(1 << (shape.bits - 1));
    if (shape.zeros == NbitsZeros::Bytes)
      zero = static_cast<float>(number(zero_bytes.data() + column * shape.zero_bytes(), step / shape.block));
    if (shape.zeros == NbitsZeros::Reals) zero = zero_reals[block];
    return (static_cast<float>(code) - zero) * scales[block];
  }

  PackedNbits packed(ThreadPool& pool) const {
    const auto find = [&] { return matrix(); };
    return PackedNbits(shape, find, pool, plain_packer());
  }
};

std::vector<NbitsShape> every_shape() {
  std::vector<NbitsShape> shapes;
  for (const size_t bits : {2, 4, 8})
    for (const size_t block : {16, 32, 64, 256})
      for (const NbitsZeros zeros : {NbitsZeros::Middle, NbitsZeros::Bytes, NbitsZeros::Reals})
        for (const size_t n : {1, 17, 32, 70})
          for (const size_t k : {1, 31, 64, 100, 257}) shapes.push_back({n, k, bits, block, zeros});
  return shapes;
}

std::string text(const NbitsShape& s) {
  return "n " + std::to_string(s.n) + " k " + std::to_string(s.k) + " bits " + std::to_string(s.bits) +
         " block " + std::to_string(s.block) + " zeros " + std::to_string(static_cast<int>(s.zeros));
}

// Each result within a few roundings of its sum of magnitudes.
void check(const Sample& sample, size_t m, ThreadPool& pool) {
  const auto [n, k, bits, block, zeros] = sample.shape;
  const auto a = random_floats(m * k, 7), bias = random_floats(n, 8);
  std::vector<float> c(m * n + 1, 77.0f);
  multiply_nbits(m, a.data(), sample.packed(pool), bias.data(), c.data(), pool);
  EXPECT_EQ(c.back(), 77.0f) << "writes beyond the result";
  std::vector<float> column(k);
  for (size_t j = 0; j < n; ++j) {
    for (size_t p = 0; p < k; ++p) column[p] = sample.element(p, j);
    for (size_t i = 0; i < m; ++i) {
      double sum = bias[j], magnitude = std::abs(bias[j]);
      for (size_t p = 0; p < k; ++p) {
        const double product = static_cast<double>(a[i * k + p]) * column[p];
        sum += product;
        magnitude += std::abs(product);
      }
      ASSERT_NEAR(c[i * n + j], sum, 2e-6 * magnitude + 1e-6)
          << text(sample.shape) << ", row " << i << " of " << m << ", column " << j;
    }
  }
}

TEST_P(NbitsTest, FewRowsOfEveryShape) {
  for (const NbitsShape& shape : every_shape()) {
    const Sample sample(shape);
    for (const size_t m : {1, 2, 3, 4, 7}) check(sample, m, pool);
  }
}

TEST_P(NbitsTest, ManyRowsOfEveryShape) {
  for (const NbitsShape& shape : every_shape()) check(Sample(shape), 9, pool);
  for (const size_t m : {20, 24, 25}) check(Sample({70, 300, 4, 32, NbitsZeros::Bytes}), m, pool);
  check(Sample({70, 2500, 4, 32}), 33, pool);
  check(Sample({200, 1500, 8, 128, NbitsZeros::Bytes}), 150, pool);
}

TEST_P(NbitsTest, WidensExactly) {
  for (const NbitsShape& shape : every_shape()) {
    const Sample sample(shape);
    const PackedNbits packed = sample.packed(pool);
    const BlockedKernel& kernel = blocked_kernel();
    const ColumnPanels panels(kernel, shape.n, shape.k);
    const size_t filled = ceil_div(shape.k, channel_block) * channel_block;
    for (size_t panel = 0; panel < panels.count; ++panel)
      for (const size_t first : {size_t{0}, channel_block}) {
        if (first >= shape.k) continue;
        const size_t width = panels.width_of(panel);
        std::vector<float> got(filled * width);
        packed.write(panel * panels.width, panels.columns_of(panel), first, shape.k - first, width,
                     got.data());
        for (size_t step = first; step < shape.k; ++step)
          for (size_t j = 0; j < panels.columns_of(panel); ++j)
            ASSERT_EQ(got[(step - first) * width + j], sample.element(step, panel * panels.width + j))
                << text(shape) << ", step " << step << ", column " << j << " of panel " << panel;
      }
  }
}

// Numbers of every magnitude: each counts with the bits of f32 of the largest one near it.
TEST_P(NbitsTest, LargeSmallAndZeroNumbers) {
  const Sample sample({40, 192, 4, 64});
  for (const size_t m : {1, 5, 40})
    for (const float magnitude : {0.0f, 1e-42f, 1e-30f, 1.0f, 3e30f}) {
      std::vector<float> a = random_floats(m * 192, 5);
      for (float& value : a) value *= magnitude;
      a[3] *= 1000;
      std::vector<float> c(m * 40);
      multiply_nbits(m, a.data(), sample.packed(pool), nullptr, c.data(), pool);
      for (size_t i = 0; i < m; ++i)
        for (size_t j = 0; j < 40; ++j) {
          double sum = 0, largest = 0;
          for (size_t p = 0; p < 192; ++p) {
            const double product = static_cast<double>(a[i * 192 + p]) * sample.element(p, j);
            sum += product;
            largest = std::max(largest, std::abs(static_cast<double>(a[i * 192 + p])));
          }
          ASSERT_NEAR(c[i * 40 + j], sum, 192 * 2e-7 * largest + 1e-36)
              << "magnitude " << magnitude << ", row " << i << " of " << m << ", column " << j;
        }
    }
}

// Where the highest digit is nearly full.
TEST_P(NbitsTest, NumbersJustBelowPowersOfTwo) {
  const Sample sample({33, 64, 4, 32});
  for (const size_t m : {1, 30})
    for (const uint32_t mantissa : {0x7DFFFFu, 0x7E0000u, 0x7EFF00u, 0x7EFFFFu, 0x7F0000u, 0x7FFFFFu})
      for (const float sign : {1.0f, -1.0f}) {
        const float x = std::ldexp(sign * static_cast<float>(0x800000u + mantissa), -23);
        const std::vector<float> a(m * 64, x);
        std::vector<float> c(m * 33);
        multiply_nbits(m, a.data(), sample.packed(pool), nullptr, c.data(), pool);
        for (size_t j = 0; j < 33; ++j) {
          double sum = 0;
          for (size_t p = 0; p < 64; ++p) sum += static_cast<double>(x) * sample.element(p, j);
          ASSERT_NEAR(c[(m - 1) * 33 + j], sum, 1e-4) << x;
        }
      }
}

TEST_P(NbitsTest, NoRows) {
  multiply_nbits(0, nullptr, Sample({40, 64, 4, 32}).packed(pool), nullptr, nullptr, pool);
}

TEST_P(NbitsTest, InfinityAndNotANumberStayInTheirRow) {
  const Sample sample({40, 64, 4, 32});
  for (const size_t m : {1, 2, 6, 12, 40})
    for (const float x : {std::nanf(""), std::numeric_limits<float>::infinity()}) {
      std::vector<float> a(m * 64, 1.0f), c(m * 40);
      a[5] = x;
      multiply_nbits(m, a.data(), sample.packed(pool), nullptr, c.data(), pool);
      for (size_t j = 0; j < 40; ++j) {
        const float expected = x * sample.element(5, j);
        if (std::isnan(expected))
          EXPECT_TRUE(std::isnan(c[j]));
        else
          EXPECT_EQ(c[j], expected);
      }
      for (size_t j = 40; j < m * 40; ++j) EXPECT_TRUE(std::isfinite(c[j]));
    }
}

ATLAS_TEST_EACH_ISA(NbitsTest);

}  // namespace
}  // namespace atlas::cpu
