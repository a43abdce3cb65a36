#include <cmath>
#include <limits>

#include "atlas/targets/cpu/kernels/gemm.h"
#include "atlas/targets/cpu/kernels/kernel_testing.h"
#include "atlas/targets/cpu/kernels/split_kernel.h"

namespace atlas::cpu {
namespace {

using SplitTest = KernelTest;

constexpr float inf = std::numeric_limits<float>::infinity();

/// A (rows x k) times B (k x bf16_columns) by one tile.
std::vector<float> multiply(const std::vector<float>& a, const std::vector<float>& b, size_t rows, size_t k) {
  const Bf16Kernel& kernel = split_kernel();
  const size_t chunks = ceil_div(k, bf16_chunk);
  std::vector<Bf16> left((rows * chunks + Bf16Kernel::slack_rows) * kernel.chunk(), 0xffff);
  std::vector<Bf16> right(chunks * kernel.panel_step(), 0xffff);
  kernel.fill(a.data(), k, rows, k, left.data());
  pack_split_panel(b.data(), k, right.data());
  std::vector<int32_t> offsets;
  for (size_t i = 0; i < chunks; ++i) offsets.push_back(static_cast<int32_t>(i * rows * kernel.chunk()));
  std::vector<float> sums(Bf16Kernel::max_rows * bf16_columns), out;
  const Bf16Use use(kernel);
  for (size_t row = 0; row < rows;) {
    const size_t count = std::min(kernel.rows, rows - row);
    kernel.tile[count - 1][1]({.a = left.data() + row * kernel.chunk(),
                               .row_stride = kernel.chunk(),
                               .offsets = offsets.data(),
                               .chunks = chunks,
                               .b = right.data(),
                               .sums = sums.data()});
    out.insert(out.end(), sums.begin(), sums.begin() + static_cast<std::ptrdiff_t>(count * bf16_columns));
    row += count;
  }
  return out;
}

/// Root of the mean square of the differences from sums in double, over that of the sums.
double error_of(const std::vector<float>& sums, const std::vector<float>& a, const std::vector<float>& b,
                size_t k) {
  double error = 0, size = 0;
  for (size_t i = 0; i < sums.size(); ++i) {
    double want = 0;
    for (size_t p = 0; p < k; ++p)
      want += double(a[i / bf16_columns * k + p]) * b[p * bf16_columns + i % bf16_columns];
    error += (sums[i] - want) * (sums[i] - want);
    size += want * want;
  }
  return std::sqrt(error / size);
}

TEST_P(SplitTest, SumsAreAsExactAsThoseOfF32) {
  for (const size_t rows : {1, 7, 16, 17, 32})
    for (const size_t k : {1, 31, 32, 33, 200}) {
      const auto a = random_floats(rows * k, 1), b = random_floats(k * bf16_columns, 2);
      std::vector<float> chain(rows * bf16_columns);
      for (size_t i = 0; i < chain.size(); ++i)
        for (size_t p = 0; p < k; ++p)
          chain[i] = std::fma(a[i / bf16_columns * k + p], b[p * bf16_columns + i % bf16_columns], chain[i]);
      EXPECT_LE(error_of(multiply(a, b, rows, k), a, b, k), 1.1 * error_of(chain, a, b, k) + 4e-8)
          << rows << " " << k;
    }
}

TEST_P(SplitTest, ThreePartsHoldAllBitsOfAFloat) {
  const size_t k = 32;
  std::vector<float> a(k), b(k * bf16_columns);
  a[5] = 1;
  for (size_t j = 0; j < bf16_columns; ++j) {
    const uint32_t bits = static_cast<uint32_t>(0x9e3779b9u * (j + 1));
    b[5 * bf16_columns + j] = __builtin_bit_cast(float, (bits & 0x807fffffu) | (90 + bits % 60) << 23);
  }
  const std::vector<float> sums = multiply(a, b, 1, k);
  for (size_t j = 0; j < bf16_columns; ++j) EXPECT_EQ(sums[j], b[5 * bf16_columns + j]);
}

TEST_P(SplitTest, InfinitiesAndNansDoWhatTheyDoInF32) {
  const size_t rows = 20, k = 70;
  auto a = random_floats(rows * k, 1), b = random_floats(k * bf16_columns, 2);
  const float most = std::numeric_limits<float>::max();
  a[1 * k + 3] = inf;
  a[2 * k + 40] = -inf;
  a[4 * k + 69] = NAN;
  a[5 * k + 8] = __builtin_bit_cast(float, 0x7f800001u);  // a NaN whose upper half is infinity
  a[6 * k + 1] = most;
  a[7 * k + 1] = a[7 * k + 2] = most;
  b[20 * bf16_columns + 9] = inf;
  b[21 * bf16_columns + 10] = NAN;
  b[22 * bf16_columns + 11] = most;
  for (size_t j = 0; j < 4; ++j) b[3 * bf16_columns + j] = 0;  // times infinity
  const std::vector<float> sums = multiply(a, b, rows, k);
  for (size_t i = 0; i < sums.size(); ++i) {
    float want = 0;
    for (size_t p = 0; p < k; ++p)
      want = std::fma(a[i / bf16_columns * k + p], b[p * bf16_columns + i % bf16_columns], want);
    if (std::isfinite(want))
      EXPECT_NEAR(sums[i], want, 1e-5 + 1e-6 * std::abs(want)) << i;
    else if (std::isnan(want))
      EXPECT_TRUE(std::isnan(sums[i])) << i << " " << sums[i];
    else
      EXPECT_EQ(sums[i], want) << i;
  }
}

TEST_P(SplitTest, GemmOfManyRows) {
  for (const auto& [m, n, k] : {GemmShape{100, 96, 65}, {129, 100, 1100}, {200, 300, 520}}) {
    const auto a = random_floats(m * k, 1), b = random_floats(k * n, 2), bias = random_floats(n, 3);
    const auto residual = random_floats(m * n, 4);
    const PackedMatrix packed({b.data(), n, 1}, k, n, pool);
    GemmOptions options;
    options.epilogue = {nullptr, bias.data(), residual.data(), n, {ActivationKind::Relu}, 2, 1};
    std::vector<float> c(m * n), again(m * n);
    gemm({m, n, k}, {a.data(), k, 1}, packed, c.data(), n, options, pool);
    ThreadPool alone(1);
    gemm({m, n, k}, {a.data(), k, 1}, MatrixView{b.data(), n, 1}, again.data(), n, options, alone);
    EXPECT_EQ(c, again);  // to the bit, for any number of threads
    size_t wrong = 0;
    for (size_t i = 0; i < m; ++i)
      for (size_t j = 0; j < n; ++j) {
        double want = bias[j] + double(residual[i * n + j]);
        for (size_t p = 0; p < k; ++p) want += double(a[i * k + p]) * b[p * n + j];
        wrong += !(std::abs(2 * std::max(0.0, want) + 1 - c[i * n + j]) <= 2e-6 * (10 + double(k)));
      }
    EXPECT_EQ(wrong, 0u);
  }
}

ATLAS_TEST_EACH_ISA(SplitTest);

}  // namespace
}  // namespace atlas::cpu
