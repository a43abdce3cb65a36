// Functions of two numbers that give a number: sums, products, quotients, powers, remainders.
#include <cmath>
#include <limits>

#include "atlas/ops/broadcast_walk.h"
#include "atlas/ops/content_arithmetic.h"
#include "atlas/ops/families.h"

namespace atlas::ops {
namespace {

constexpr TypeSet kPowBases = types::kFloats | types::kIndices;

void reference_add(ReferenceContext& context) {
  combine_pairs(context,
                []<typename T>(T a, T b) { return static_cast<T>(Wrapping<T>(a) + Wrapping<T>(b)); });
}
void reference_sub(ReferenceContext& context) {
  combine_pairs(context,
                []<typename T>(T a, T b) { return static_cast<T>(Wrapping<T>(a) - Wrapping<T>(b)); });
}
void reference_mul(ReferenceContext& context) {
  combine_pairs(context,
                []<typename T>(T a, T b) { return static_cast<T>(Wrapping<T>(a) * Wrapping<T>(b)); });
}

// -1 is the one divisor with which a quotient overflows.
template <typename T>
bool is_minus_one(T value) {
  return std::is_signed_v<T> && value == static_cast<T>(-1);
}

void reference_div(ReferenceContext& context) {
  combine_pairs(context, [&]<typename T>(T a, T b) -> T {
    if constexpr (std::is_floating_point_v<T>) {
      return a / b;
    } else {
      context.check(b != 0, "integer division by zero");
      return is_minus_one(b) ? static_cast<T>(-static_cast<std::uint64_t>(a)) : a / b;
    }
  });
}

void reference_mod(ReferenceContext& context) {
  const bool c_style = context.integer("fmod") != 0;
  combine_pairs(context, [&]<typename T>(T a, T b) -> T {
    if constexpr (std::is_floating_point_v<T>) {
      return std::fmod(a, b);
    } else {
      context.check(b != 0, "integer division by zero");
      const T rest = is_minus_one(b) ? 0 : a % b;
      const bool is_divisor_sign = (rest < 0) == (b < 0);
      return c_style || rest == 0 || is_divisor_sign ? rest : rest + b;
    }
  });
}

std::int64_t integer_power(std::int64_t base, std::uint64_t exponent) {
  std::uint64_t out = 1;
  std::uint64_t square = static_cast<std::uint64_t>(base);
  for (; exponent != 0; exponent >>= 1) {
    if ((exponent & 1) != 0) out *= square;
    square *= square;
  }
  return static_cast<std::int64_t>(out);
}

// Integers to whole powers stay exact; the rest goes through double.
void reference_pow(ReferenceContext& context) {
  const Shape shape = broadcast_inputs(context);
  const std::vector<double> bases = broadcast_input<double>(context, 0, shape);
  const std::vector<double> exponents = broadcast_input<double>(context, 1, shape);
  std::vector<double> out(bases.size());
  for (std::size_t i = 0; i < out.size(); ++i) out[i] = std::pow(bases[i], exponents[i]);
  if (is_floating(context.dtype(0)) || is_floating(context.dtype(1)))
    return context.set_doubles(0, context.dtype(0), shape, out);

  std::vector<std::int64_t> values = broadcast_input<std::int64_t>(context, 0, shape);
  const std::vector<std::int64_t> whole = broadcast_input<std::int64_t>(context, 1, shape);
  const bool is_unsigned = is_unsigned_integer(context.dtype(1));
  for (std::size_t i = 0; i < out.size(); ++i) {
    if (is_unsigned || whole[i] >= 0) {
      values[i] = integer_power(values[i], static_cast<std::uint64_t>(whole[i]));
    } else {
      context.check(values[i] != 0, "0 to the power of {}", whole[i]);
      const bool is_odd = (whole[i] & 1) != 0;
      values[i] = values[i] == 1 ? 1 : values[i] != -1 ? 0 : is_odd ? -1 : 1;
    }
  }
  context.set_integers(0, context.dtype(0), shape, values);
}

template <Dim (*combine)(const Dim&, const Dim&)>
void infer_arithmetic(InferContext& context) {
  infer_broadcast(context);
  combine_contents(context, combine);
}

// ONNX truncates; sizes are not negative, so that floor is the same. A divisor that is no number might be.
Dim quotient(const Dim& a, const Dim& b) {
  if (!b.is_constant() || b.value() == 0) return {};
  if (a.is_constant() && (a.value() < 0 || b.value() < 0))
    return is_minus_one(b.value()) ? Dim(0) - a : Dim(a.value() / b.value());
  return b.value() > 0 ? floor_div(a, b) : Dim();
}

void infer_mod(InferContext& context) {
  context.check(context.integer("fmod") != 0 || !is_floating(context.dtype(0)),
                "expected attribute 'fmod' to be 1 for {}", name(context.dtype(0)));
  infer_broadcast(context);
  if (context.integer("fmod") == 0)
    combine_contents(context, [](const Dim& a, const Dim& b) { return mod(a, b); });
}

OpDef arithmetic_op(std::string_view name, void (*infer)(InferContext&),
                    void (*reference)(ReferenceContext&)) {
  return {.name = name,
          .schema = {"A:T, B:T -> C:T", {{"T", types::kNumbers}}},
          .infer = infer,
          .reference = reference};
}

Dim sum_of(const Dim& a, const Dim& b) {
  return a + b;
}
Dim difference_of(const Dim& a, const Dim& b) {
  return a - b;
}
Dim product_of(const Dim& a, const Dim& b) {
  return a * b;
}

}  // namespace

std::vector<OpDef> arithmetic() {
  return {
      arithmetic_op("Add", infer_arithmetic<sum_of>, reference_add),
      arithmetic_op("Div", infer_arithmetic<quotient>, reference_div),
      {.name = "Mod",
       .schema = {"A:T, B:T -> C:T", {{"T", types::kNumbers}}, {{"fmod", 0}}},
       .infer = infer_mod,
       .reference = reference_mod},
      arithmetic_op("Mul", infer_arithmetic<product_of>, reference_mul),
      {.name = "Pow",
       .schema = {"X:T, Y:T1 -> Z:T", {{"T", kPowBases}, {"T1", types::kNumbers}}},
       .infer = infer_broadcast,
       .reference = reference_pow},
      arithmetic_op("Sub", infer_arithmetic<difference_of>, reference_sub),
  };
}

}  // namespace atlas::ops
