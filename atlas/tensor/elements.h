// Elements of any type read and written in bulk as double, int64, uint64 or complex: how slow and obvious
// code avoids one instance per element type.
#pragma once

#include <complex>
#include <cstdint>
#include <span>
#include <vector>

#include "atlas/tensor/minifloat.h"
#include "atlas/tensor/tensor.h"

namespace atlas {

/// Every element as a double. Any numeric type or Bool; 64-bit integers are rounded. Complex and String
/// throw.
std::vector<double> to_doubles(const Tensor& tensor);

/// Integers and Bool exactly (u64 wraps to the same bits); floats are truncated towards zero, saturating.
std::vector<std::int64_t> to_ints(const Tensor& tensor);

/// Complex elements, or real ones with a zero imaginary part.
std::vector<std::complex<double>> to_complexes(const Tensor& tensor);

/// A tensor with these values, each rounded once to `dtype`. Towards integers: truncated; values outside the
/// type wrap modulo 2^bits when they fit 64 bits, and saturate at 64 bits; NaN gives 0.
Tensor from_doubles(DType dtype, Shape shape, std::span<const double> values, bool saturate = true,
                    Rounding rounding = Rounding::NearestEven);

/// A tensor with these values; integers keep the low bits, Bool takes value != 0.
Tensor from_ints(DType dtype, Shape shape, std::span<const std::int64_t> values);

/// `dtype` C64 or C128.
Tensor from_complexes(DType dtype, Shape shape, std::span<const std::complex<double>> values);

/// Elements of a packed type (2 or 4 bits) one a byte, sign or zero extended, F4E2M1 as its bits.
std::vector<std::int8_t> unpack(const Tensor& tensor);

}  // namespace atlas
