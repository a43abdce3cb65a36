// Two passes: the largest magnitude first, then everything that is held against it.
#include "atlas/tensor/deviation.h"

#include <fmt/core.h>

#include <algorithm>
#include <cmath>
#include <limits>

#include "atlas/tensor/elements.h"

namespace atlas {
namespace {

constexpr double kInfinity = std::numeric_limits<double>::infinity();

// Equal, both NaN, or the same infinity.
bool same(double a, double b) {
  return a == b || (std::isnan(a) && std::isnan(b));
}

std::vector<double> parts(const Tensor& tensor) {
  if (!is_complex(tensor.dtype())) return to_doubles(tensor);
  std::vector<double> out;
  for (const std::complex<double> z : to_complexes(tensor)) {
    out.push_back(z.real());
    out.push_back(z.imag());
  }
  return out;
}

Deviation number_deviation(const std::vector<double>& got, const std::vector<double>& expected) {
  double largest = 0;
  for (const double value : expected)
    if (std::isfinite(value)) largest = std::max(largest, std::abs(value));
  Deviation out;
  double dot = 0, got_energy = 0, expected_energy = 0, difference_energy = 0;
  for (std::size_t i = 0; i < expected.size(); ++i) {
    const double a = got[i], b = expected[i];
    if (same(a, b) && !std::isfinite(b)) continue;
    const double distance = std::isfinite(a) && std::isfinite(b) ? std::abs(a - b) : kInfinity;
    if (distance > out.max_abs) {
      out.max_abs = distance;
      out.worst = i;
    }
    if (distance > 0) out.max_rel = std::max(out.max_rel, distance / std::max(std::abs(b), largest * 1e-3));
    if (distance == kInfinity) continue;
    dot += a * b;
    got_energy += a * a;
    expected_energy += b * b;
    difference_energy += distance * distance;
  }
  out.of_largest = out.max_abs == 0 ? 0 : largest > 0 ? out.max_abs / largest : kInfinity;
  if (got_energy > 0 && expected_energy > 0)
    out.cosine = dot / std::sqrt(got_energy * expected_energy);
  else
    out.cosine = got_energy == expected_energy ? 1 : 0;
  out.snr_db = out.max_abs == 0           ? kInfinity
               : out.max_abs == kInfinity ? -kInfinity
                                          : 10 * std::log10(expected_energy / difference_energy);
  return out;
}

}  // namespace

Deviation deviation(const Tensor& got, const Tensor& expected) {
  Deviation out;
  const bool strings = expected.dtype() == DType::String;
  if (got.shape() != expected.shape() || strings != (got.dtype() == DType::String) ||
      is_complex(got.dtype()) != is_complex(expected.dtype())) {
    out.mismatch = fmt::format("expected {}, got {}", text(expected), text(got));
    return out;
  }
  if (identical(got, expected)) {
    out.snr_db = kInfinity;
    return out;
  }
  if (strings) {
    out.mismatch = "strings differ";
    return out;
  }
  return number_deviation(parts(got), parts(expected));
}

}  // namespace atlas
