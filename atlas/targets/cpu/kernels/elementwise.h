// Functions applied to each element of arrays of f32, some of bfloat16 too.
#pragma once

#include <cstddef>

#include "atlas/base/thread_pool.h"
#include "atlas/targets/cpu/kernels/activation.h"
#include "atlas/targets/cpu/kernels/numbers.h"

namespace atlas::cpu {

enum class UnaryKind {
  Abs,
  Neg,
  Sign,  // 0 for 0, NaN for NaN
  Floor,
  Ceil,
  Round,  // halves to even
  Sqrt,
  Reciprocal,
  Square,
  Exp,
  Log,
  Erf,
};

enum class BinaryKind { Add, Sub, Mul, Div, Min, Max };  // Min and Max of a NaN are NaN

/// y[i] = kind(x[i]) for i < count; y may be x.
void unary(UnaryKind kind, const float* x, float* y, size_t count, ThreadPool& pool);

/// y[i] = activation(x[i]) for i < count; y may be x, and is of its type.
void activate(const Activation& activation, Numbers<const std::byte> x, Numbers<std::byte> y, size_t count,
              ThreadPool& pool);

/// How an operand covers a matrix of rows x columns.
enum class Broadcast {
  None,    // rows x columns elements
  Scalar,  // one element
  Row,     // one row of `columns` elements, for every row
  Column,  // one element for each row
};

/// z = kind(x, y) on a row-major matrix of rows x columns; z may be an operand that is not broadcast. All are
/// of one type.
void binary(BinaryKind kind, Numbers<const std::byte> x, Broadcast x_form, Numbers<const std::byte> y,
            Broadcast y_form, Numbers<std::byte> z, size_t rows, size_t columns, ThreadPool& pool);

}  // namespace atlas::cpu
