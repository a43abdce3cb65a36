// The transform against its definition, at lengths of every kind.
#include "atlas/ops/fft.h"

#include <gtest/gtest.h>

#include <numbers>

#include "atlas/base/rng.h"

namespace atlas {
namespace {

using Signal = std::vector<std::complex<double>>;

Signal noise(std::size_t n) {
  Rng rng(n);
  Signal out(n);
  for (auto& value : out) value = {rng.normal(), rng.normal()};
  return out;
}

Signal by_definition(const Signal& x, double sign) {
  Signal out(x.size());
  const auto n = static_cast<double>(x.size());
  for (std::size_t k = 0; k < x.size(); ++k)
    for (std::size_t j = 0; j < x.size(); ++j)
      out[k] +=
          x[j] * std::polar(1.0, sign * 2 * std::numbers::pi * static_cast<double>(j * k % x.size()) / n);
  return out;
}

TEST(Fft, EqualsItsDefinition) {
  for (const std::size_t n : {1, 2, 3, 4, 5, 8, 12, 31, 37, 60, 64, 74, 97, 100, 128, 400, 1009}) {
    const Signal x = noise(n);
    for (const bool inverse : {false, true}) {
      Signal got = x;
      Fft<double>(n, inverse).transform(got);
      const Signal expected = by_definition(x, inverse ? 1 : -1);
      for (std::size_t k = 0; k < n; ++k)
        ASSERT_LT(std::abs(got[k] - expected[k]), 1e-11 * static_cast<double>(n + 10)) << n << " at " << k;
    }
  }
}

TEST(Fft, SinglePrecisionStaysCloseToDouble) {
  for (const std::size_t n : {10, 74, 400}) {
    const Signal x = noise(n);
    std::vector<std::complex<float>> got(x.begin(), x.end());
    Fft<float>(n).transform(got);
    const Signal expected = by_definition(x, -1);
    for (std::size_t k = 0; k < n; ++k)
      ASSERT_LT(std::abs(std::complex<double>(got[k]) - expected[k]), 1e-4) << n << " at " << k;
  }
}

TEST(Fft, InverseUndoesIt) {
  for (const std::size_t n : {std::size_t{1} << 15, std::size_t{30011}}) {
    const Signal x = noise(n);
    Signal y = x;
    Fft<double>(n).transform(y);
    Fft<double>(n, true).transform(y);
    for (std::size_t k = 0; k < n; ++k)
      ASSERT_LT(std::abs(y[k] / static_cast<double>(n) - x[k]), 1e-12) << n << " at " << k;
  }
}

}  // namespace
}  // namespace atlas
