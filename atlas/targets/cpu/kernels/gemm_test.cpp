#include "atlas/targets/cpu/kernels/gemm.h"

#include <cmath>
#include <limits>

#include "atlas/base/error.h"
#include "atlas/targets/cpu/kernels/kernel_testing.h"

namespace atlas::cpu {
namespace {

using GemmTest = KernelTest;

struct Case {
  size_t m, n, k;
  bool a_transposed = false, b_transposed = false, pack_b = false;
  float alpha = 1, beta = 0;
  bool epilogue = false;
};

void check(const Case& t, ThreadPool& pool) {
  SCOPED_TRACE(testing::Message() << t.m << "x" << t.n << "x" << t.k << " aT " << t.a_transposed << " bT "
                                  << t.b_transposed << " packed " << t.pack_b);
  const size_t pad = 3;  // leading dimensions beyond the width
  const size_t lda = (t.a_transposed ? t.m : t.k) + pad, ldb = (t.b_transposed ? t.k : t.n) + pad,
               ldc = t.n + pad;
  const auto a = random_floats((t.a_transposed ? t.k : t.m) * lda, 1);
  const auto b = random_floats((t.b_transposed ? t.n : t.k) * ldb, 2);
  const auto bias = random_floats(t.m + t.n, 3), residual = random_floats(t.m * ldc, 4);
  auto c = random_floats(t.m * ldc, 5);
  const auto before = c;
  const MatrixView va =
      t.a_transposed ? MatrixView{a.data(), lda, 1}.transposed() : MatrixView{a.data(), lda, 1};
  const MatrixView vb =
      t.b_transposed ? MatrixView{b.data(), ldb, 1}.transposed() : MatrixView{b.data(), ldb, 1};
  GemmOptions options{t.alpha, t.beta, {}};
  if (t.epilogue)
    options.epilogue = {bias.data(), bias.data() + t.m, residual.data(), ldc, {ActivationKind::Relu}};
  const PackedMatrix packed(vb, t.k, t.n, pool);
  gemm({t.m, t.n, t.k}, va, t.pack_b ? RightOperand(packed) : RightOperand(vb), c.data(), ldc, options, pool);

  size_t wrong = 0;
  for (size_t i = 0; i < t.m; ++i) {
    for (size_t j = 0; j < ldc; ++j) {
      double want = before[i * ldc + j];
      if (j < t.n) {
        double sum = 0;
        for (size_t p = 0; p < t.k; ++p)
          sum += double(va.data[i * va.row_stride + p * va.column_stride]) *
                 vb.data[p * vb.row_stride + j * vb.column_stride];
        want = t.alpha * sum + t.beta * want;
        if (t.epilogue) want = std::max(0.0, want + bias[i] + bias[t.m + j] + residual[i * ldc + j]);
      }
      wrong += !(std::abs(want - c[i * ldc + j]) <= 2e-6 * (10 + double(t.k)));
    }
  }
  EXPECT_EQ(wrong, 0u);
}

TEST_P(GemmTest, OddShapes) {
  for (const size_t m : {1, 2, 5, 13, 14, 15, 29, 64})
    for (const size_t n : {1, 3, 8, 16, 17, 31, 33, 100})
      for (const size_t k : {1, 2, 7, 64, 257}) check({m, n, k}, pool);
}

TEST_P(GemmTest, TransposesAndPackedForms) {
  for (int bits = 0; bits < 8; ++bits) {
    for (const auto& [m, n, k] :
         {GemmShape{1, 70, 33}, {37, 1, 40}, {4, 50, 20}, {37, 45, 29}, {70, 130, 600}, {30, 40, 2100}}) {
      Case t{m, n, k};
      t.a_transposed = bits & 1, t.b_transposed = bits & 2, t.pack_b = bits & 4;
      check(t, pool);
    }
  }
}

TEST_P(GemmTest, AlphaBetaAndEpilogue) {
  for (const auto& [m, n, k] : {GemmShape{1, 40, 30}, {40, 1, 30}, {9, 41, 300}, {50, 37, 2100}}) {
    check({.m = m, .n = n, .k = k, .alpha = 0.5f, .beta = 2}, pool);
    check({.m = m, .n = n, .k = k, .alpha = -1, .beta = 1, .epilogue = true}, pool);
    check({.m = m, .n = n, .k = k, .pack_b = true, .epilogue = true}, pool);
  }
}

TEST_P(GemmTest, WithoutBetaTheOldValueIsNotRead) {
  const auto a = random_floats(20 * 30, 1), b = random_floats(30 * 20, 2);
  for (const size_t m : {1, 20}) {
    std::vector<float> c(m * 20, std::numeric_limits<float>::quiet_NaN());
    gemm({m, 20, 30}, MatrixView{a.data(), 30, 1}, MatrixView{b.data(), 20, 1}, c.data(), 20, {}, pool);
    for (const float value : c) EXPECT_FALSE(std::isnan(value));
  }
}

TEST_P(GemmTest, EmptySumsAndEmptyMatrices) {
  std::vector<float> c(6, 3.0f);
  const float bias[] = {1, 2};
  GemmOptions options{.beta = 2};
  options.epilogue.row_bias = bias;
  gemm({2, 3, 0}, MatrixView{}, MatrixView{}, c.data(), 3, options, pool);
  EXPECT_EQ(c, (std::vector<float>{7, 7, 7, 8, 8, 8}));
  gemm({0, 3, 5}, MatrixView{}, MatrixView{}, nullptr, 3, {}, pool);
}

TEST_P(GemmTest, Batches) {
  for (const size_t count : {2, 40}) {
    const size_t m = 9, n = 20, k = 33;
    const auto a = random_floats(count * m * k, 1), b = random_floats(n * k, 2);
    std::vector<float> c(count * m * n), want(count * m * n);
    gemm_batched({m, n, k}, {count, m * k, 0, m * n, 0}, MatrixView{a.data(), k, 1},
                 MatrixView{b.data(), n, 1}, c.data(), n, {}, pool);
    gemm({count * m, n, k}, MatrixView{a.data(), k, 1}, MatrixView{b.data(), n, 1}, want.data(), n, {}, pool);
    for (size_t i = 0; i < c.size(); ++i) ASSERT_NEAR(c[i], want[i], 1e-5);
  }
}

TEST_P(GemmTest, APackedOperandOfAnotherShapeIsABug) {
  const auto b = random_floats(6 * 4, 1);
  const PackedMatrix packed({b.data(), 4, 1}, 6, 4, pool);
  float c[8];
  try {
    gemm({2, 4, 5}, MatrixView{b.data(), 5, 1}, packed, c, 4, {}, pool);
    FAIL() << "no exception";
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), ErrorCode::Internal);
    EXPECT_THAT(error.what(), testing::HasSubstr("packed B has another shape"));
  }
}

TEST_P(GemmTest, EqualRowsGiveEqualResults) {
  const size_t n = 40, k = 77;
  const auto b = random_floats(k * n, 1), row = random_floats(k, 2);
  for (const size_t m : {2, 5, 7, 9, 15, 16, 19, 29, 43, 100}) {
    std::vector<float> a, c(m * n);
    for (size_t i = 0; i < m; ++i) a.insert(a.end(), row.begin(), row.end());
    gemm({m, n, k}, MatrixView{a.data(), k, 1}, MatrixView{b.data(), n, 1}, c.data(), n, {}, pool);
    for (size_t i = 1; i < m; ++i)
      EXPECT_TRUE(std::equal(c.begin(), c.begin() + n, c.begin() + static_cast<std::ptrdiff_t>(i * n)))
          << "row " << i << " of " << m;
  }
}

TEST_P(GemmTest, TheNumberOfThreadsChangesNoBit) {
  for (const size_t m : {5, 15, 18, 32, 60}) {
    const size_t k = 384, n = 384;
    const std::vector<float> a = random_floats(m * k, 1, -1, 1), b = random_floats(k * n, 2, -1, 1);
    std::vector<float> alone;
    for (const size_t threads : {1, 2, 3, 4}) {
      ThreadPool some(threads);
      std::vector<float> c(m * n);
      gemm({m, n, k}, MatrixView{a.data(), k, 1}, MatrixView{b.data(), n, 1}, c.data(), n, {}, some);
      if (threads == 1) alone = c;
      EXPECT_EQ(c, alone) << m << " rows, " << threads << " threads";
    }
  }
}

ATLAS_TEST_EACH_ISA(GemmTest);

}  // namespace
}  // namespace atlas::cpu
