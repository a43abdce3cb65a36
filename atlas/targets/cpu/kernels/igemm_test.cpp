#include "atlas/targets/cpu/kernels/igemm.h"

#include <cmath>
#include <cstring>
#include <limits>

#include "atlas/ops/requantize.h"
#include "atlas/targets/cpu/kernels/kernel_testing.h"

namespace atlas::cpu {
namespace {

using IgemmTest = KernelTest;

struct Sizes {
  size_t m, n, k;
};

int32_t value(const void* data, bool is_signed, size_t at) {
  return is_signed ? static_cast<const int8_t*>(data)[at] : static_cast<const uint8_t*>(data)[at];
}

int32_t left(const ByteRows& a, size_t i, size_t p) {
  return value(a.data, a.is_signed, i * a.stride + p) - (a.zero_points ? a.zero_points[i] : a.zero_point);
}

int32_t right(const ByteMatrix& b, size_t p, size_t j) {
  return value(b.data, b.is_signed, p * b.row_stride + j * b.column_stride) -
         (b.zero_points ? b.zero_points[j] : b.zero_point);
}

// With more between the rows than the columns, which stays as it was.
constexpr size_t kGap = 3;

std::vector<int32_t> expected_sums(const Sizes& s, const ByteRows& a, const ByteMatrix& b) {
  std::vector<int32_t> sums(s.m * (s.n + kGap), 77);
  for (size_t i = 0; i < s.m; ++i)
    for (size_t j = 0; j < s.n; ++j) {
      int32_t& sum = sums[i * (s.n + kGap) + j] = 0;
      for (size_t p = 0; p < s.k; ++p) sum += left(a, i, p) * right(b, p, j);
    }
  return sums;
}

void check(const Sizes& s, const ByteRows& a, const ByteMatrix& b, ThreadPool& pool) {
  std::vector<int32_t> c(s.m * (s.n + kGap), 77);
  igemm(s.m, a, PackedBytes(b, s.k, s.n, pool), {.data = c.data(), .stride = s.n + kGap}, pool);
  EXPECT_EQ(c, expected_sums(s, a, b))
      << s.m << "x" << s.n << "x" << s.k << " signed " << a.is_signed << b.is_signed;
}

TEST_P(IgemmTest, EverySignAndOddShape) {
  for (const bool a_signed : {false, true})
    for (const bool b_signed : {false, true})
      for (const size_t m : {1, 2, 3, 5, 14, 15, 40})
        for (const size_t n : {1, 16, 17, 32, 33, 100})
          for (const size_t k : {1, 2, 3, 64, 65, 129}) {
            const auto a = random_bytes(m * (k + 1), 1), b = random_bytes(k * (n + 2), 2);
            check({m, n, k}, {a.data(), a_signed, k + 1, a_signed ? -128 : 255},
                  {b.data(), b_signed, n + 2, 1, b_signed ? 127 : 0}, pool);
          }
}

TEST_P(IgemmTest, TheLargestSumsOfTwoDoNotSaturate) {
  const std::vector<uint8_t> a(100, 255), b(100 * 40, 0x80);
  check({1, 40, 100}, {a.data(), false, 100}, {b.data(), true, 40}, pool);
}

TEST_P(IgemmTest, SharesLargeProductsOut) {
  const auto a = random_bytes(130 * 700, 1), b = random_bytes(700 * 300, 2);
  check({130, 300, 700}, {a.data(), false, 700, 7}, {b.data(), true, 300, 1, 3}, pool);
  check({2, 300, 700}, {a.data(), false, 700, 7}, {b.data(), true, 300, 1, 0}, pool);
}

TEST_P(IgemmTest, ZeroPointsPerRowAndColumnAndTransposes) {
  const size_t m = 20, n = 45, k = 70;
  const auto a = random_bytes(m * k, 1), b = random_bytes(n * k, 2);
  std::vector<int32_t> row_points(m), column_points(n);
  for (size_t i = 0; i < m; ++i) row_points[i] = static_cast<int32_t>(i * 13 % 256);
  for (size_t j = 0; j < n; ++j) column_points[j] = static_cast<int32_t>(j * 7 % 256) - 128;
  check({m, n, k}, {a.data(), false, k, 0, row_points.data()},
        {b.data(), true, 1, k, 0, column_points.data()}, pool);
  check({m, n, k}, {a.data(), false, k, 3}, {b.data(), false, 1, k, 4}, pool);
}

TEST_P(IgemmTest, AnEmptySumIsZero) {
  const std::vector<uint8_t> none(1);
  check({3, 4, 0}, {none.data()}, {none.data()}, pool);
}

TEST_P(IgemmTest, LevelsAreThoseOfTheReference) {
  const Sizes s{29, 43, 50};
  const auto a = random_bytes(s.m * s.k, 1), b = random_bytes(s.n * s.k, 2);
  const ByteRows rows{a.data(), false, s.k, 131};
  const ByteMatrix right_side{b.data(), true, s.n, 1};
  const std::vector<int32_t> sums = expected_sums(s, rows, right_side);
  std::vector<int32_t> bias(s.n);
  std::vector<float> scales(s.n);
  for (size_t j = 0; j < s.n; ++j) {
    bias[j] = static_cast<int32_t>(j * 1000) - 20000;
    scales[j] = j % 3 == 0 ? 0.0009765625f * static_cast<float>(1 + j % 2) / 8  // many ties
                           : 0.0003f * static_cast<float>(j);
  }
  scales[4] = 1e30f;
  scales[5] = std::numeric_limits<float>::quiet_NaN();
  scales[7] = -0.001f;
  for (const DType dtype : {DType::U8, DType::I8}) {
    const bool is_signed = dtype == DType::I8;
    const int32_t zero = is_signed ? -11 : 120;
    std::vector<uint8_t> levels(s.m * (s.n + kGap), 77), want = levels;
    for (size_t i = 0; i < s.m; ++i)
      for (size_t j = 0; j < s.n; ++j)
        want[i * (s.n + kGap) + j] = static_cast<uint8_t>(
            ops::requantize(sums[i * (s.n + kGap) + j] + bias[j], scales[j], zero, dtype));
    igemm(s.m, rows, PackedBytes(right_side, s.k, s.n, pool),
          {.kind = IgemmOutput::Kind::Levels,
           .data = levels.data(),
           .stride = s.n + kGap,
           .bias = bias.data(),
           .scales = scales.data(),
           .levels = {is_signed, zero}},
          pool);
    EXPECT_EQ(levels, want);
  }
}

TEST_P(IgemmTest, RealsHaveScalesAndAnEpilogue) {
  const Sizes s{35, 45, 20};
  const auto a = random_bytes(s.m * s.k, 1), b = random_bytes(s.n * s.k, 2);
  const ByteRows rows{a.data(), true, s.k, 3};
  const ByteMatrix right_side{b.data(), false, s.n, 1, 100};
  const std::vector<int32_t> sums = expected_sums(s, rows, right_side);
  const std::vector<float> scales = random_floats(s.n, 1), row_scales = random_floats(s.m, 2);
  const std::vector<float> bias = random_floats(s.n, 3, -1000, 1000);
  const std::vector<float> residual = random_floats(s.m * s.n, 4, -1000, 1000);
  for (const bool has_rows : {false, true})
    for (const Epilogue& epilogue :
         {Epilogue{}, Epilogue{.column_bias = bias.data()},
          Epilogue{.column_bias = bias.data(), .activation = {ActivationKind::Relu}},
          Epilogue{.column_bias = bias.data(), .residual = residual.data(), .residual_stride = s.n}}) {
      std::vector<float> reals(s.m * s.n);
      igemm(s.m, rows, PackedBytes(right_side, s.k, s.n, pool),
            {.kind = IgemmOutput::Kind::Reals,
             .data = reals.data(),
             .stride = s.n,
             .scales = scales.data(),
             .row_scales = has_rows ? row_scales.data() : nullptr,
             .epilogue = epilogue},
            pool);
      for (size_t i = 0; i < s.m; ++i)
        for (size_t j = 0; j < s.n; ++j) {
          double want =
              static_cast<double>(sums[i * (s.n + kGap) + j]) * scales[j] * (has_rows ? row_scales[i] : 1);
          if (epilogue.column_bias) want += bias[j];
          if (epilogue.residual) want += residual[i * s.n + j];
          if (epilogue.activation.kind == ActivationKind::Relu) want = std::max(want, 0.0);
          EXPECT_NEAR(reals[i * s.n + j], want, 1e-6 * (std::abs(want) + 1000)) << i << "," << j;
        }
    }
}

ATLAS_TEST_EACH_ISA(IgemmTest);

}  // namespace
}  // namespace atlas::cpu
