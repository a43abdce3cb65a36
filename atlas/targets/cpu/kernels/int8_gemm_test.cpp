// Products against sums in double of the factors as they are: the bound is what half a level makes of them.
#include "atlas/targets/cpu/kernels/int8_gemm.h"

#include <cmath>
#include <limits>

#include "atlas/targets/cpu/kernels/kernel_testing.h"

namespace atlas::cpu {
namespace {

using Int8GemmTest = KernelTest;

constexpr float kNan = std::numeric_limits<float>::quiet_NaN();
constexpr float kInfinity = std::numeric_limits<float>::infinity();

std::vector<float> multiplied(size_t m, size_t n, size_t k, const std::vector<float>& a,
                              const std::vector<float>& b, ThreadPool& pool, const Epilogue& epilogue = {}) {
  const PackedInt8 packed([&] { return MatrixView{b.data(), n, 1}; }, k, n, pool, plain_packer());
  std::vector<float> c(m * n, 77);
  int8_gemm(m, a.data(), k, packed, c.data(), n, epilogue, pool);
  return c;
}

/// Levels of row i of A, and of column j of B, are so far apart.
double row_step(const float* row, size_t k) {
  const auto [low, high] = std::minmax_element(row, row + k);
  return (std::max(*high, 0.0f) - std::min(*low, 0.0f)) / 255;
}

void check(size_t m, size_t n, size_t k, bool transposed, ThreadPool& pool) {
  SCOPED_TRACE(testing::Message() << m << "x" << n << "x" << k << " " << transposed);
  const size_t a_stride = k + 3, c_stride = n + 5;
  auto a = random_floats(m * a_stride, 1);
  const auto b = random_floats(k * n, 2), bias = random_floats(n, 3), row_bias = random_floats(m, 6);
  const auto residual = random_floats(m * c_stride, 4);
  for (size_t i = 0; i < m; ++i)  // rows of other sizes, and some without numbers below 0
    for (size_t p = 0; p < k; ++p) {
      float& x = a[i * a_stride + p];
      x = std::ldexp(i % 3 == 0 ? std::abs(x) : x, static_cast<int>(i % 7) - 3);
    }
  auto c = random_floats(m * c_stride, 5);
  const auto before = c;
  const MatrixView view = transposed ? MatrixView{b.data(), k, 1}.transposed() : MatrixView{b.data(), n, 1};
  const PackedInt8 packed([&] { return view; }, k, n, pool, plain_packer());
  const Epilogue epilogue{row_bias.data(), bias.data(), residual.data(), c_stride, {ActivationKind::Relu}};
  int8_gemm(m, a.data(), a_stride, packed, c.data(), c_stride, epilogue, pool);
  size_t wrong = 0;
  for (size_t i = 0; i < m; ++i) {
    const float* row = a.data() + i * a_stride;
    const double step = row_step(row, k);
    for (size_t j = 0; j < c_stride; ++j) {
      if (j >= n) {
        wrong += c[i * c_stride + j] != before[i * c_stride + j];
        continue;
      }
      double want = row_bias[i] + double(bias[j]) + residual[i * c_stride + j], bound = 1e-5;
      for (size_t p = 0; p < k; ++p) {
        const double weight = view.data[p * view.row_stride + j * view.column_stride];
        want += row[p] * weight;
        bound += step * std::abs(weight) + (std::abs(row[p]) + step) * (0.51 / 127);
      }
      wrong += !(std::abs(std::max(0.0, want) - c[i * c_stride + j]) <= bound);
    }
  }
  EXPECT_EQ(wrong, 0u);
}

TEST_P(Int8GemmTest, AreAsNearAsTheirLevels) {
  for (const size_t m : {1, 3, 5, 14, 17, 32, 33, 70})
    for (const size_t n : {1, 15, 16, 17, 33, 64})
      for (const size_t k : {1, 2, 31, 32, 33, 100}) check(m, n, k, (m + n + k) % 2 == 0, pool);
  check(200, 300, 1100, false, pool);
  check(700, 40, 600, true, pool);
}

// Whole numbers whose levels are themselves: then the product is exact, and its epilogue that of f32.
TEST_P(Int8GemmTest, WholeLevelsAreExact) {
  const size_t m = 37, n = 45, k = 70;
  std::vector<float> a(m * k), b(k * n);
  for (size_t i = 0; i < m; ++i)
    for (size_t p = 0; p < k; ++p)
      a[i * k + p] = p == 0   ? 255.0f - static_cast<float>(i)
                     : p == 1 ? -static_cast<float>(i)
                              : static_cast<float>((i + 7 * p) % 100);
  for (size_t p = 0; p < k; ++p)
    for (size_t j = 0; j < n; ++j)
      b[p * n + j] = p == 0 ? 127.0f : static_cast<float>((p * 31 + j * 17) % 255) - 127;
  for (const auto kind : {ActivationKind::None, ActivationKind::Relu, ActivationKind::Gelu}) {
    const auto bias = random_floats(n, 3, -1e5f, 1e5f), residual = random_floats(m * n, 4, -1e5f, 1e5f);
    for (const bool has_residual : {false, true}) {
      const Epilogue epilogue{nullptr, bias.data(), has_residual ? residual.data() : nullptr, n, {kind}};
      std::vector<float> want(m * n);
      for (size_t i = 0; i < m; ++i)
        for (size_t j = 0; j < n; ++j)
          for (size_t p = 0; p < k; ++p) want[i * n + j] += a[i * k + p] * b[p * n + j];
      apply(epilogue, want.data(), n, m, n);
      EXPECT_THAT(multiplied(m, n, k, a, b, pool, epilogue), testing::Pointwise(testing::FloatEq(), want));
    }
  }
}

TEST_P(Int8GemmTest, NotANumberSpoilsItsRowOrColumnAlone) {
  const size_t m = 20, n = 40, k = 50;
  auto a = random_floats(m * k, 1), b = random_floats(k * n, 2);
  const auto clean = multiplied(m, n, k, a, b, pool);
  a[3 * k + 7] = kNan;
  a[4 * k + 49] = kInfinity;
  a[19 * k] = -kInfinity;
  b[20 * n + 5] = kNan;
  b[21 * n + 39] = -kInfinity;
  const auto spoilt = multiplied(m, n, k, a, b, pool);
  for (size_t i = 0; i < m; ++i)
    for (size_t j = 0; j < n; ++j)
      if (i == 3 || i == 4 || i == 19 || j == 5 || j == 39) {
        EXPECT_TRUE(std::isnan(spoilt[i * n + j])) << i << " " << j;
      } else {
        EXPECT_EQ(spoilt[i * n + j], clean[i * n + j]) << i << " " << j;
      }
}

TEST_P(Int8GemmTest, ZerosAndTheSmallestAndTheLargest) {
  const size_t m = 6, n = 33, k = 40;
  auto a = random_floats(m * k, 1), b = random_floats(k * n, 2);
  const std::vector<float> first(a.begin(), a.begin() + static_cast<std::ptrdiff_t>(k));
  std::fill_n(a.begin() + k, k, 0.0f);  // row 1
  for (size_t p = 0; p < k; ++p) {
    a[2 * k + p] = first[p] * 1e-42f;
    a[3 * k + p] = first[p] * 0x1p-60f;
    a[4 * k + p] = first[p] * 0x1p+100f;
    a[5 * k + p] = p % 2 == 0 ? 3.4e38f : -3.4e38f;  // further apart than any number is from 0
    b[p * n + 8] = 0;
    b[p * n + 9] = p % 2 == 0 ? 1e-10f : -1e-10f;
    b[p * n + 10] *= 1e-42f;
  }
  const auto c = multiplied(m, n, k, a, b, pool);
  for (size_t j = 0; j < n; ++j) {
    EXPECT_EQ(c[n + j], 0);
    EXPECT_NEAR(c[2 * n + j], 0, 1e-36);
    if (j == 10) {
      EXPECT_NEAR(c[j], 0, 1e-36);
      continue;
    }
    EXPECT_FLOAT_EQ(c[3 * n + j], c[j] * 0x1p-60f);
    EXPECT_FLOAT_EQ(c[4 * n + j], c[j] * 0x1p+100f);
  }
  EXPECT_EQ(c[8], 0);
  EXPECT_NEAR(c[5 * n + 9], 3.4e38 * 1e-10 * k, 1e29);
}

TEST_P(Int8GemmTest, AreTheSameForAnyNumberOfThreads) {
  const size_t m = 300, n = 500, k = 200;
  const auto a = random_floats(m * k, 1), b = random_floats(k * n, 2);
  ThreadPool alone(1);
  EXPECT_EQ(multiplied(m, n, k, a, b, pool), multiplied(m, n, k, a, b, alone));
}

TEST_P(Int8GemmTest, NothingInNothingOut) {
  EXPECT_TRUE(multiplied(0, 5, 7, {}, random_floats(35, 1), pool).empty());
}

TEST(Int8Gemm, SumsThatMayNotFitAreNotForIt) {
  EXPECT_TRUE(PackedInt8::is_worth_it(768, 768));
  EXPECT_TRUE(PackedInt8::is_worth_it(65536, 128));
  EXPECT_FALSE(PackedInt8::is_worth_it(70000, 128));
  EXPECT_FALSE(PackedInt8::is_worth_it(768, 2));
}

ATLAS_TEST_EACH_ISA(Int8GemmTest);

}  // namespace
}  // namespace atlas::cpu
