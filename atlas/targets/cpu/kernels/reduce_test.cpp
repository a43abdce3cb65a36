#include "atlas/targets/cpu/kernels/reduce.h"

#include <cmath>
#include <limits>

#include "atlas/targets/cpu/kernels/kernel_testing.h"

namespace atlas::cpu {
namespace {

using ReduceTest = KernelTest;

double fold(ReduceKind kind, double total, double x) {
  switch (kind) {
    case ReduceKind::Sum:
    case ReduceKind::Mean:
      return total + x;
    case ReduceKind::Max:
      return std::max(total, x);
    case ReduceKind::Min:
      return std::min(total, x);
    case ReduceKind::Product:
      return total * x;
    case ReduceKind::SumAbs:
      return total + std::abs(x);
    case ReduceKind::SumSquare:
      return total + x * x;
  }
  return 0;
}

double neutral(ReduceKind kind) {
  constexpr double infinity = std::numeric_limits<double>::infinity();
  return kind == ReduceKind::Max   ? -infinity
         : kind == ReduceKind::Min ? infinity
                                   : kind == ReduceKind::Product;
}

TEST_P(ReduceTest, EveryKindOnEveryAxis) {
  for (int k = 0; k < 7; ++k)
    for (const size_t outer : {1, 5})
      for (const size_t n : {0, 1, 3, 16, 77, 300})
        for (const size_t inner : {1, 3, 16, 300}) {
          const auto kind = static_cast<ReduceKind>(k);
          const auto x = random_floats(outer * n * inner, 1, -1.1f, 1.2f);
          std::vector<float> y(outer * inner);
          reduce(kind, x.data(), y.data(), outer, n, inner, pool);
          for (size_t line = 0; line < y.size(); ++line) {
            double want = neutral(kind);
            for (size_t i = 0; i < n; ++i)
              want = fold(kind, want, x[(line / inner * n + i) * inner + line % inner]);
            if (kind == ReduceKind::Mean) want /= double(n);
            if (std::isnan(want))
              ASSERT_TRUE(std::isnan(y[line]));
            else if (std::isinf(want))
              ASSERT_EQ(y[line], want);
            else
              ASSERT_NEAR(y[line], want, 2e-6 * (10 + double(n)))
                  << k << " " << outer << " " << n << " " << inner;
          }
        }
}

TEST_P(ReduceTest, OfBfloat16) {
  for (const size_t inner : {1, 5, 16}) {
    const auto x = random_floats(3 * 77 * inner, 1);
    std::vector<float> exact, got(3 * inner), want(got.size());
    for (const float value : x) exact.push_back(from_bf16(to_bf16(value)));
    reduce(ReduceKind::Mean, rounded(x).data(), got.data(), 3, 77, inner, pool);
    reduce(ReduceKind::Mean, exact.data(), want.data(), 3, 77, inner, pool);
    EXPECT_EQ(got, want);
  }
}

TEST_P(ReduceTest, ExtremaKeepNan) {
  for (const ReduceKind kind : {ReduceKind::Max, ReduceKind::Min})
    for (const size_t inner : {1, 2})
      for (size_t at = 0; at < 70; ++at) {
        std::vector<float> x(70 * inner, 1.0f), y(inner);
        x[at * inner] = std::numeric_limits<float>::quiet_NaN();
        reduce(kind, x.data(), y.data(), 1, 70, inner, pool);
        EXPECT_TRUE(std::isnan(y[0])) << at;
        if (inner == 2) {
          EXPECT_EQ(y[1], 1);
        }
      }
}

ATLAS_TEST_EACH_ISA(ReduceTest);

}  // namespace
}  // namespace atlas::cpu
