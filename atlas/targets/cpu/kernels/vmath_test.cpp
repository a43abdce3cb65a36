// The error bounds of the elementary functions in vmath-inl.h.
#include <cmath>
#include <cstring>
#include <limits>

#include "atlas/targets/cpu/kernels/elementwise.h"
#include "atlas/targets/cpu/kernels/kernel_testing.h"

namespace atlas::cpu {
namespace {

using VmathTest = KernelTest;

/// Floats over all magnitudes between the two bit patterns, both signs where asked for.
std::vector<float> sweep(float low, float high, bool negative) {
  uint32_t from, to;
  std::memcpy(&from, &low, 4);
  std::memcpy(&to, &high, 4);
  std::vector<float> x;
  for (uint64_t bits = from; bits <= to; bits += std::max<uint32_t>(1, (to - from) / 40000)) {
    const auto narrow = static_cast<uint32_t>(bits);
    float value;
    std::memcpy(&value, &narrow, 4);
    x.push_back(value);
    if (negative) x.push_back(-value);
  }
  return x;
}

/// Largest error in units of the last place of the exact result.
double worst_ulp(const std::vector<float>& x, const std::vector<float>& y, double (*exact)(double)) {
  double worst = 0;
  for (size_t i = 0; i < x.size(); ++i) {
    const double want = exact(x[i]);
    const double magnitude = std::max(std::abs(want), double(std::numeric_limits<float>::min()));
    const double ulp = std::exp2(std::floor(std::log2(magnitude)) - 23);
    worst = std::max(worst, std::abs(y[i] - want) / ulp);
  }
  return worst;
}

TEST_P(VmathTest, ErrorsStayWithinAFewUlp) {
  const auto check = [&](const std::vector<float>& x, double bound, double (*exact)(double), auto run) {
    std::vector<float> y(x.size());
    run(x.data(), y.data(), x.size());
    EXPECT_LE(worst_ulp(x, y, exact), bound);
  };
  const auto by = [&](UnaryKind kind) {
    return [this, kind](const float* x, float* y, size_t n) { unary(kind, x, y, n, pool); };
  };
  const auto through = [&](ActivationKind kind) {
    return [this, kind](const float* x, float* y, size_t n) { activate({kind}, x, y, n, pool); };
  };
  check(
      sweep(1e-10f, 87, true), 2, [](double v) { return std::exp(v); }, by(UnaryKind::Exp));
  check(
      sweep(1e-38f, 3e38f, false), 2, [](double v) { return std::log(v); }, by(UnaryKind::Log));
  check(
      sweep(0.5f, 2, false), 2, [](double v) { return std::log(v); }, by(UnaryKind::Log));
  check(
      sweep(1e-30f, 10, true), 4, [](double v) { return std::erf(v); }, by(UnaryKind::Erf));
  check(
      sweep(1e-30f, 20, true), 4, [](double v) { return std::tanh(v); }, through(ActivationKind::Tanh));
  check(
      sweep(1e-10f, 80, true), 4, [](double v) { return 1 / (1 + std::exp(-v)); },
      through(ActivationKind::Sigmoid));
  check(
      sweep(1e-10f, 80, true), 6,
      [](double v) { return v > 30 ? v + std::exp(-v) : std::log1p(std::exp(v)); },
      through(ActivationKind::Softplus));
}

TEST_P(VmathTest, LimitsAndNan) {
  constexpr float infinity = std::numeric_limits<float>::infinity();
  constexpr float nan = std::numeric_limits<float>::quiet_NaN();
  const std::vector<float> x{infinity, -infinity, nan, 0.0f, 89, -110, 88.7f, -100, 1e-40f};
  std::vector<float> y(x.size());
  unary(UnaryKind::Exp, x.data(), y.data(), x.size(), pool);
  EXPECT_EQ(y[0], infinity);
  EXPECT_EQ(y[1], 0);
  EXPECT_TRUE(std::isnan(y[2]));
  EXPECT_EQ(y[3], 1);
  EXPECT_EQ(y[4], infinity);
  EXPECT_EQ(y[5], 0);
  EXPECT_NEAR(y[6] / std::exp(double(x[6])), 1, 1e-6);
  EXPECT_NEAR(y[7], std::exp(-100.0), 2e-45);  // a denormal

  unary(UnaryKind::Log, x.data(), y.data(), x.size(), pool);
  EXPECT_EQ(y[0], infinity);
  EXPECT_TRUE(std::isnan(y[1]));
  EXPECT_TRUE(std::isnan(y[2]));
  EXPECT_EQ(y[3], -infinity);
  EXPECT_TRUE(std::isnan(y[5]));
  EXPECT_NEAR(y[8], std::log(1e-40), 1e-4);

  unary(UnaryKind::Erf, x.data(), y.data(), x.size(), pool);
  EXPECT_EQ(y[0], 1);
  EXPECT_EQ(y[1], -1);
  EXPECT_TRUE(std::isnan(y[2]));
  EXPECT_EQ(y[3], 0);

  activate({ActivationKind::Tanh}, x.data(), y.data(), x.size(), pool);
  EXPECT_EQ(y[0], 1);
  EXPECT_EQ(y[1], -1);
  EXPECT_TRUE(std::isnan(y[2]));

  activate({ActivationKind::Sigmoid}, x.data(), y.data(), x.size(), pool);
  EXPECT_EQ(y[0], 1);
  EXPECT_EQ(y[1], 0);
}

ATLAS_TEST_EACH_ISA(VmathTest);

}  // namespace
}  // namespace atlas::cpu
