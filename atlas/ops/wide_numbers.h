// The three types in which references compute: double for floats, std::uint64_t for U64, std::int64_t for the
// other integers and Bool.
#pragma once

#include <type_traits>
#include <vector>

#include "atlas/tensor/elements.h"

namespace atlas {

/// Calls `visit` with a value of the type that elements of `dtype` are computed in.
template <typename Visit>
void with_wide_type(DType dtype, Visit visit) {
  if (is_floating(dtype)) {
    visit(double{});
  } else if (dtype == DType::U64) {
    visit(std::uint64_t{});
  } else {
    visit(std::int64_t{});
  }
}

/// Arithmetic in this type wraps where that in the wide type T would overflow, and gives the same bits.
template <typename T>
using Wrapping = std::conditional_t<std::is_floating_point_v<T>, T, std::uint64_t>;

/// Every element, converted.
template <typename T>
std::vector<T> wide_numbers(const Tensor& tensor);
template <>
inline std::vector<double> wide_numbers(const Tensor& tensor) {
  return to_doubles(tensor);
}
template <>
inline std::vector<std::int64_t> wide_numbers(const Tensor& tensor) {
  return to_ints(tensor);
}
template <>
inline std::vector<std::uint64_t> wide_numbers(const Tensor& tensor) {
  const std::vector<std::int64_t> values = to_ints(tensor);
  return std::vector<std::uint64_t>(values.begin(), values.end());
}

/// Rounded once; integers keep their low bits.
inline Tensor narrow(DType dtype, Shape shape, const std::vector<double>& values) {
  return from_doubles(dtype, std::move(shape), values);
}
inline Tensor narrow(DType dtype, Shape shape, const std::vector<std::int64_t>& values) {
  return from_ints(dtype, std::move(shape), values);
}
inline Tensor narrow(DType dtype, Shape shape, const std::vector<std::uint64_t>& values) {
  return from_ints(dtype, std::move(shape), std::vector<std::int64_t>(values.begin(), values.end()));
}

}  // namespace atlas
