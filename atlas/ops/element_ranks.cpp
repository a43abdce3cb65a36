// One sort of indices per kind of element.
#include "atlas/ops/element_ranks.h"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <span>
#include <string>

#include "atlas/tensor/elements.h"

namespace atlas {
namespace {

template <typename T, typename Less>
std::vector<std::int64_t> ranks_of(std::span<const T> values, Less less) {
  std::vector<std::size_t> order(values.size());
  std::iota(order.begin(), order.end(), 0);
  std::ranges::sort(order, [&](std::size_t a, std::size_t b) { return less(values[a], values[b]); });
  std::vector<std::int64_t> ranks(values.size());
  std::int64_t rank = 0;
  for (std::size_t i = 0; i < order.size(); ++i) {
    if (i > 0 && less(values[order[i - 1]], values[order[i]])) ++rank;
    ranks[order[i]] = rank;
  }
  return ranks;
}

bool is_below(double a, double b) {
  return a < b || (std::isnan(b) && !std::isnan(a));
}

}  // namespace

std::vector<std::int64_t> element_ranks(const Tensor& tensor) {
  const DType dtype = tensor.dtype();
  if (dtype == DType::String) return ranks_of<std::string>(tensor.values<std::string>(), std::less<>());
  if (is_floating(dtype)) return ranks_of<double>(to_doubles(tensor), is_below);
  if (is_complex(dtype)) {
    using Complex = std::complex<double>;
    return ranks_of<Complex>(to_complexes(tensor), [](const Complex& a, const Complex& b) {
      if (is_below(a.real(), b.real())) return true;
      return !is_below(b.real(), a.real()) && is_below(a.imag(), b.imag());
    });
  }
  const std::vector<std::int64_t> values = to_ints(tensor);
  if (dtype == DType::U64)
    return ranks_of<std::int64_t>(values, [](std::int64_t a, std::int64_t b) {
      return static_cast<std::uint64_t>(a) < static_cast<std::uint64_t>(b);
    });
  return ranks_of<std::int64_t>(values, std::less<>());
}

}  // namespace atlas
