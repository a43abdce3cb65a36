// Element by element, reporting the worst.
#include "atlas/tensor/compare.h"

#include <fmt/core.h>

#include <algorithm>
#include <cmath>

#include "atlas/tensor/elements.h"

namespace atlas {
namespace {

std::string string_difference(const Tensor& got, const Tensor& expected) {
  const auto a = got.values<std::string>();
  const auto b = expected.values<std::string>();
  const auto at = std::ranges::mismatch(a, b);
  if (at.in1 == a.end()) return "";
  return fmt::format("element {}: expected \"{}\", got \"{}\"", at.in1 - a.begin(), *at.in2, *at.in1);
}

// How far beyond the tolerance; 0 where within.
double excess(std::complex<double> got, std::complex<double> expected, const Tolerance& tolerance) {
  if (got == expected) return 0;
  const auto is_nan = [](std::complex<double> z) { return std::isnan(z.real()) || std::isnan(z.imag()); };
  if (is_nan(got) && is_nan(expected)) return 0;
  const double distance = std::abs(got - expected);
  const double allowed = tolerance.absolute + tolerance.relative * std::abs(expected);
  if (std::isfinite(distance) && distance <= allowed) return 0;
  return std::isfinite(distance) ? distance - allowed : HUGE_VAL;
}

std::string tensor_difference(const Tensor& got, const Tensor& expected, const Tolerance& tolerance) {
  if (got.dtype() != expected.dtype() || got.shape() != expected.shape())
    return fmt::format("expected {}, got {}", text(expected), text(got));
  if (identical(got, expected)) return "";
  if (expected.dtype() == DType::String) return string_difference(got, expected);
  const std::vector<std::complex<double>> a = to_complexes(got);
  const std::vector<std::complex<double>> b = to_complexes(expected);
  std::size_t wrong = 0;
  std::size_t worst = 0;
  double worst_excess = 0;
  for (std::size_t i = 0; i < b.size(); ++i) {
    const double beyond = excess(a[i], b[i], tolerance);
    if (beyond == 0) continue;
    ++wrong;
    if (beyond <= worst_excess) continue;
    worst = i;
    worst_excess = beyond;
  }
  if (wrong == 0) return "";
  return fmt::format("{} of {} elements differ, the worst is element {}: expected {}, got {}", wrong,
                     b.size(), worst, b[worst].real(), a[worst].real());
}

}  // namespace

std::string difference(const Datum& got, const Datum& expected, const Tolerance& tolerance) {
  if (got.is_tensor() && expected.is_tensor())
    return tensor_difference(got.tensor(), expected.tensor(), tolerance);
  if (got.is_map() && expected.is_map()) {
    const std::string keys = difference(got.map().keys, expected.map().keys, tolerance);
    return keys.empty() ? difference(got.map().values, expected.map().values, tolerance) : "keys: " + keys;
  }
  if (got.is_sparse() && expected.is_sparse())
    return tensor_difference(densify(got.sparse()), densify(expected.sparse()), tolerance);
  if (text(got) != text(expected)) return fmt::format("expected {}, got {}", text(expected), text(got));
  if (!got.is_sequence()) return "";
  for (std::size_t i = 0; i < got.sequence().size(); ++i) {
    const std::string inner = difference(got.sequence()[i], expected.sequence()[i], tolerance);
    if (!inner.empty()) return fmt::format("element {} of the sequence: {}", i, inner);
  }
  return "";
}

}  // namespace atlas
