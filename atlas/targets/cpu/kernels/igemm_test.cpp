#include "atlas/targets/cpu/kernels/igemm.h"

#include "atlas/base/error.h"
#include "atlas/targets/cpu/kernels/kernel_testing.h"

namespace atlas::cpu {
namespace {

using IgemmTest = KernelTest;

std::vector<uint8_t> random_bytes(size_t count, unsigned seed) {
  std::mt19937 generator(seed);
  std::vector<uint8_t> bytes(count);
  for (uint8_t& byte : bytes) {
    const unsigned draw = generator();
    byte = static_cast<uint8_t>(draw % 4 == 0 ? (draw & 8 ? 255 : 128) : draw >> 8);  // many extremes
  }
  return bytes;
}

int32_t element(const ByteMatrix& matrix, size_t i, size_t j, size_t lane) {
  const size_t at = i * matrix.row_stride + j * matrix.column_stride;
  const int32_t value = matrix.is_signed ? static_cast<const int8_t*>(matrix.data)[at]
                                         : static_cast<const uint8_t*>(matrix.data)[at];
  return value - (matrix.zero_points ? matrix.zero_points[lane] : matrix.zero_point);
}

void check(const GemmShape& s, const ByteMatrix& a, const ByteMatrix& b, ThreadPool& pool) {
  const size_t stride = s.n + 3;
  std::vector<int32_t> c(s.m * stride, 77), want = c;
  for (size_t i = 0; i < s.m; ++i)
    for (size_t j = 0; j < s.n; ++j) {
      want[i * stride + j] = 0;
      for (size_t p = 0; p < s.k; ++p) want[i * stride + j] += element(a, i, p, i) * element(b, p, j, j);
    }
  igemm(s, a, PackedBytes(b, s.k, s.n, pool), c.data(), stride, pool);
  EXPECT_EQ(c, want) << s.m << "x" << s.n << "x" << s.k << " signed " << a.is_signed << b.is_signed;
}

TEST_P(IgemmTest, EverySignAndOddShape) {
  for (const bool a_signed : {false, true})
    for (const bool b_signed : {false, true})
      for (const size_t m : {1, 2, 5, 6, 7, 40})
        for (const size_t n : {1, 16, 31, 32, 33, 100})
          for (const size_t k : {1, 2, 3, 64, 129}) {
            const auto a = random_bytes(m * (k + 1), 1), b = random_bytes(k * (n + 2), 2);
            check({m, n, k}, {a.data(), a_signed, k + 1, 1, a_signed ? -128 : 255},
                  {b.data(), b_signed, n + 2, 1, b_signed ? 127 : 0}, pool);
          }
}

TEST_P(IgemmTest, ZeroPointsPerRowAndColumnAndTransposes) {
  const size_t m = 20, n = 45, k = 70;
  const auto a = random_bytes(m * k, 1), b = random_bytes(n * k, 2);
  std::vector<int32_t> row_points(m), column_points(n);
  for (size_t i = 0; i < m; ++i) row_points[i] = static_cast<int32_t>(i * 13 % 256);
  for (size_t j = 0; j < n; ++j) column_points[j] = static_cast<int32_t>(j * 7 % 256) - 128;
  check({m, n, k}, {a.data(), false, k, 1, 0, row_points.data()},
        {b.data(), true, 1, k, 0, column_points.data()}, pool);
  check({m, n, k}, {a.data(), false, 1, m, 3}, {b.data(), true, n, 1, -4}, pool);
}

TEST_P(IgemmTest, AnEmptySumIsZero) {
  const std::vector<uint8_t> none(1);
  check({3, 4, 0}, {none.data()}, {none.data()}, pool);
}

TEST_P(IgemmTest, APackedOperandOfAnotherShapeIsABug) {
  const auto b = random_bytes(24, 1);
  int32_t c[8];
  try {
    igemm({2, 4, 5}, {b.data(), false, 5}, PackedBytes({b.data(), true, 4}, 6, 4, pool), c, 4, pool);
    FAIL() << "no exception";
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), ErrorCode::Internal);
  }
}

ATLAS_TEST_EACH_ISA(IgemmTest);

}  // namespace
}  // namespace atlas::cpu
