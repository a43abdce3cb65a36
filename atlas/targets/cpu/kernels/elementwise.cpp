// One loop per function, cut into chunks for the pool.
#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "atlas/targets/cpu/kernels/elementwise.cpp"
#include <hwy/foreach_target.h>
// After foreach_target.
#include <algorithm>
#include <cstring>

#include "atlas/base/error.h"
#include "atlas/targets/cpu/kernels/activation-inl.h"
#include "atlas/targets/cpu/kernels/dispatch.h"
#include "atlas/targets/cpu/kernels/elementwise.h"
#include "atlas/targets/cpu/kernels/numbers-inl.h"

HWY_BEFORE_NAMESPACE();
namespace atlas::cpu {
namespace HWY_NAMESPACE {

using D = hn::ScalableTag<float>;
using V = hn::Vec<D>;

template <typename T, class Function>
HWY_INLINE void for_each_vector(const T* x, T* y, size_t count, Function function) {
  const D d;
  const size_t lanes = hn::Lanes(d);
  size_t i = 0;
  for (; i + lanes <= count; i += lanes) store_numbers(function(d, load_numbers(d, x + i)), d, y + i);
  if (i < count) store_some_numbers(function(d, load_some_numbers(d, x + i, count - i)), d, y + i, count - i);
}

template <UnaryKind kKind>
HWY_INLINE V evaluate(D d, V x) {
  using enum UnaryKind;
  if constexpr (kKind == Abs) return hn::Abs(x);
  if constexpr (kKind == Neg) return hn::Neg(x);
  if constexpr (kKind == Sign) {
    const V zero = hn::Zero(d);
    const V one = hn::CopySign(hn::Set(d, 1.0f), x);
    return hn::IfThenElse(hn::Or(hn::Lt(x, zero), hn::Gt(x, zero)), one, x);
  }
  if constexpr (kKind == Floor) return hn::Floor(x);
  if constexpr (kKind == Ceil) return hn::Ceil(x);
  if constexpr (kKind == Round) return hn::Round(x);
  if constexpr (kKind == Sqrt) return hn::Sqrt(x);
  if constexpr (kKind == Reciprocal) return hn::Div(hn::Set(d, 1.0f), x);
  if constexpr (kKind == Square) return hn::Mul(x, x);
  if constexpr (kKind == Exp) return vexp(d, x);
  if constexpr (kKind == Log) return vlog(d, x);
  if constexpr (kKind == Erf) return verf(d, x);
}

template <UnaryKind kKind>
void map(const float* x, float* y, size_t count) {
  for_each_vector(x, y, count, [](D d, V v) HWY_ATTR { return evaluate<kKind>(d, v); });
}

void map_unary(UnaryKind kind, const float* x, float* y, size_t count) {
  using enum UnaryKind;
  switch (kind) {
    case Abs:
      return map<Abs>(x, y, count);
    case Neg:
      return map<Neg>(x, y, count);
    case Sign:
      return map<Sign>(x, y, count);
    case Floor:
      return map<Floor>(x, y, count);
    case Ceil:
      return map<Ceil>(x, y, count);
    case Round:
      return map<Round>(x, y, count);
    case Sqrt:
      return map<Sqrt>(x, y, count);
    case Reciprocal:
      return map<Reciprocal>(x, y, count);
    case Square:
      return map<Square>(x, y, count);
    case Exp:
      return map<Exp>(x, y, count);
    case Log:
      return map<Log>(x, y, count);
    case Erf:
      return map<Erf>(x, y, count);
  }
}

void map_activation(const Activation& activation, Numbers<const std::byte> x, Numbers<std::byte> y,
                    size_t count) {
  const float a = activation.a, b = activation.b;
  with_number_type(x.rounded, [&](auto number) {
    using T = decltype(number);
    with_activation(activation.kind, [&](auto kind) {
      for_each_vector(x.as<T>(), y.as<T>(), count,
                      [&](D d, V v) HWY_ATTR { return activate<kind.value>(d, v, a, b); });
    });
  });
}

template <BinaryKind kKind>
HWY_INLINE V evaluate(V x, V y) {
  using enum BinaryKind;
  if constexpr (kKind == Add) return hn::Add(x, y);
  if constexpr (kKind == Sub) return hn::Sub(x, y);
  if constexpr (kKind == Mul) return hn::Mul(x, y);
  if constexpr (kKind == Div) return hn::Div(x, y);
  // A NaN in y comes through Min and Max as their second operand; one in x is chosen here.
  if constexpr (kKind == Min) return hn::IfThenElse(hn::IsNaN(x), x, min_keeping_nan(x, y));
  if constexpr (kKind == Max) return hn::IfThenElse(hn::IsNaN(x), x, max_keeping_nan(x, y));
}

/// One run of elements; a step of 0 repeats the operand's first element.
template <BinaryKind kKind, typename T>
void combine(const T* x, size_t x_step, const T* y, size_t y_step, T* z, size_t count) {
  const D d;
  const size_t lanes = hn::Lanes(d);
  const V first_x = hn::Set(d, to_f32(*x)), first_y = hn::Set(d, to_f32(*y));
  size_t i = 0;
  for (; i + lanes <= count; i += lanes) {
    const V vx = x_step ? load_numbers(d, x + i) : first_x;
    const V vy = y_step ? load_numbers(d, y + i) : first_y;
    store_numbers(evaluate<kKind>(vx, vy), d, z + i);
  }
  if (const size_t rest = count - i) {
    const V vx = x_step ? load_some_numbers(d, x + i, rest) : first_x;
    const V vy = y_step ? load_some_numbers(d, y + i, rest) : first_y;
    store_some_numbers(evaluate<kKind>(vx, vy), d, z + i, rest);
  }
}

template <typename T>
void combine_of(BinaryKind kind, const T* x, size_t x_step, const T* y, size_t y_step, T* z, size_t count) {
  using enum BinaryKind;
  switch (kind) {
    case Add:
      return combine<Add>(x, x_step, y, y_step, z, count);
    case Sub:
      return combine<Sub>(x, x_step, y, y_step, z, count);
    case Mul:
      return combine<Mul>(x, x_step, y, y_step, z, count);
    case Div:
      return combine<Div>(x, x_step, y, y_step, z, count);
    case Min:
      return combine<Min>(x, x_step, y, y_step, z, count);
    case Max:
      return combine<Max>(x, x_step, y, y_step, z, count);
  }
}

void combine_run(BinaryKind kind, Numbers<const std::byte> x, size_t x_step, Numbers<const std::byte> y,
                 size_t y_step, Numbers<std::byte> z, size_t count) {
  with_number_type(x.rounded, [&](auto number) {
    using T = decltype(number);
    combine_of(kind, x.as<T>(), x_step, y.as<T>(), y_step, z.as<T>(), count);
  });
}

}  // namespace HWY_NAMESPACE
}  // namespace atlas::cpu
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace atlas::cpu {
HWY_EXPORT(map_unary);
HWY_EXPORT(map_activation);
HWY_EXPORT(combine_run);

namespace {

constexpr size_t chunk = 16384;  // elements that are worth a task, and fit the first cache

/// The offset of element (row, column) of an operand, and its step along a row.
size_t offset(Broadcast form, size_t row, size_t column, size_t columns) {
  switch (form) {
    case Broadcast::None:
      return row * columns + column;
    case Broadcast::Scalar:
      return 0;
    case Broadcast::Row:
      return column;
    case Broadcast::Column:
      return row;
  }
  return 0;
}

size_t step(Broadcast form) {
  return form == Broadcast::None || form == Broadcast::Row;
}

bool one_run(Broadcast form) {
  return form == Broadcast::None || form == Broadcast::Scalar;
}

}  // namespace

void unary(UnaryKind kind, const float* x, float* y, size_t count, ThreadPool& pool) {
  pool.parallel_for(count, chunk, [&](size_t begin, size_t end) {
    ATLAS_DISPATCH(map_unary)(kind, x + begin, y + begin, end - begin);
  });
}

void activate(const Activation& activation, Numbers<const std::byte> x, Numbers<std::byte> y, size_t count,
              ThreadPool& pool) {
  ensure(x.rounded == y.rounded, "activation of numbers of two types");
  const Activation exact = x.rounded ? activation.near() : activation;
  pool.parallel_for(count, chunk / 4, [&](size_t begin, size_t end) {
    ATLAS_DISPATCH(map_activation)(exact, x.at(begin), y.at(begin), end - begin);
  });
}

void binary(BinaryKind kind, Numbers<const std::byte> x, Broadcast x_form, Numbers<const std::byte> y,
            Broadcast y_form, Numbers<std::byte> z, size_t rows, size_t columns, ThreadPool& pool) {
  ensure(x.rounded == y.rounded && x.rounded == z.rounded, "arithmetic of numbers of two types");
  if (one_run(x_form) && one_run(y_form)) columns *= rows, rows = 1;
  // Short rows that repeat are joined into longer ones.
  constexpr size_t short_row = 64, joined_row = 1024;
  alignas(64) float repeated[joined_row];
  const bool repeats_x = x_form == Broadcast::Row && y_form == Broadcast::None;
  if ((repeats_x || (y_form == Broadcast::Row && x_form == Broadcast::None)) && columns > 0 &&
      columns <= short_row) {
    Numbers<const std::byte>& row = repeats_x ? x : y;
    size_t together = 1;
    for (size_t i = 2; i <= joined_row / columns; ++i)
      if (rows % i == 0) together = i;
    auto* to = reinterpret_cast<std::byte*>(repeated);
    size_t filled = columns * row.bytes();
    const size_t bytes = together * filled;
    std::memcpy(to, row.data, filled);
    while (filled < bytes) {
      const size_t count = std::min(filled, bytes - filled);
      std::memcpy(to + filled, to, count);
      filled += count;
    }
    row.data = to;
    rows /= together;
    columns *= together;
  }
  const auto combine = ATLAS_DISPATCH(combine_run);
  pool.parallel_for(rows * columns, chunk, [&](size_t begin, size_t end) {
    while (begin < end) {
      const size_t row = begin / columns, column = begin % columns;
      const size_t count = std::min(end - begin, columns - column);
      combine(kind, x.at(offset(x_form, row, column, columns)), step(x_form),
              y.at(offset(y_form, row, column, columns)), step(y_form), z.at(begin), count);
      begin += count;
    }
  });
}

}  // namespace atlas::cpu
#endif
