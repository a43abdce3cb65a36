// Functions of one number, element by element: trigonometry, rounding, exponentials, signs, tests.
#include <cmath>

#include "atlas/ops/families.h"
#include "atlas/ops/infer_context.h"
#include "atlas/ops/reference_context.h"

namespace atlas::ops {
namespace {

// Floats in double with one rounding at the end.
template <double (*function)(double)>
void map_reals(ReferenceContext& context) {
  std::vector<double> values = context.doubles(0);
  for (double& value : values) value = function(value);
  context.set_doubles(0, context.dtype(0), context.shape(0), values);
}

// Integers wrap in 64 bits; what the element type cannot hold is cut off when they are stored.
template <std::int64_t (*function)(std::int64_t)>
void map_integers(ReferenceContext& context) {
  std::vector<std::int64_t> values = context.integers(0);
  for (std::int64_t& value : values) value = function(value);
  context.set_integers(0, context.dtype(0), context.shape(0), values);
}

template <double (*real)(double), std::int64_t (*integer)(std::int64_t)>
void map_numbers(ReferenceContext& context) {
  is_floating(context.dtype(0)) ? map_reals<real>(context) : map_integers<integer>(context);
}

template <double (*function)(double)>
OpDef real_function(std::string_view name) {
  return {.name = name,
          .schema = {"X:T -> Y:T", {{"T", types::kFloats}}},
          .infer = infer_same_as_first,
          .reference = map_reals<function>};
}

double reciprocal(double x) {
  return 1 / x;
}
// Ties go to the even neighbour: the default rounding mode of IEEE 754.
double round_to_even(double x) {
  return std::nearbyint(x);
}

double abs_real(double x) {
  return std::fabs(x);
}
double negative_real(double x) {
  return -x;
}
double sign_real(double x) {
  return std::isnan(x) ? x : (x > 0) - (x < 0);
}

std::int64_t negative(std::int64_t x) {
  return static_cast<std::int64_t>(-static_cast<std::uint64_t>(x));
}
std::int64_t abs_integer(std::int64_t x) {
  return x < 0 ? negative(x) : x;
}
std::int64_t sign_integer(std::int64_t x) {
  return (x > 0) - (x < 0);
}
std::int64_t bits_flipped(std::int64_t x) {
  return ~x;
}
std::int64_t is_zero(std::int64_t x) {
  return x == 0;
}
std::int64_t is_not_zero(std::int64_t x) {
  return x != 0;
}

// Unsigned 64-bit integers arrive with their bits in an int64: no sign there.
void reference_abs(ReferenceContext& context) {
  if (is_unsigned_integer(context.dtype(0))) return context.set_output(0, context.input(0));
  map_numbers<abs_real, abs_integer>(context);
}
void reference_sign(ReferenceContext& context) {
  if (is_unsigned_integer(context.dtype(0))) return map_integers<is_not_zero>(context);
  map_numbers<sign_real, sign_integer>(context);
}

void infer_test(InferContext& context) {
  context.set_output(0, DType::Bool, context.dims(0));
}

void set_tests(ReferenceContext& context, const std::vector<double>& values, bool (*test)(double)) {
  std::vector<std::int64_t> out(values.size());
  for (std::size_t i = 0; i < out.size(); ++i) out[i] = test(values[i]);
  context.set_integers(0, DType::Bool, context.shape(0), out);
}

void reference_is_nan(ReferenceContext& context) {
  set_tests(context, context.doubles(0), [](double x) { return std::isnan(x); });
}

void reference_is_inf(ReferenceContext& context) {
  std::vector<double> values = context.doubles(0);
  const bool positive = context.integer("detect_positive") != 0;
  const bool negative = context.integer("detect_negative") != 0;
  for (double& x : values)
    if (std::signbit(x) ? !negative : !positive) x = 0;
  set_tests(context, values, [](double x) { return std::isinf(x); });
}

constexpr TypeSet kTestable =
    types::kFloats | TypeSet{DType::F8E4M3FN, DType::F8E4M3FNUZ, DType::F8E5M2, DType::F8E5M2FNUZ};

}  // namespace

std::vector<OpDef> elementwise_unary() {
  return {
      {.name = "Abs",
       .schema = {"X:T -> Y:T", {{"T", types::kNumbers}}},
       .infer = infer_same_as_first,
       .reference = reference_abs},
      real_function<std::acos>("Acos"),
      real_function<std::acosh>("Acosh"),
      real_function<std::asin>("Asin"),
      real_function<std::asinh>("Asinh"),
      real_function<std::atan>("Atan"),
      real_function<std::atanh>("Atanh"),
      {.name = "BitwiseNot",
       .schema = {"X:T -> Y:T", {{"T", types::kInts}}},
       .infer = infer_same_as_first,
       .reference = map_integers<bits_flipped>},
      real_function<std::ceil>("Ceil"),
      real_function<std::cos>("Cos"),
      real_function<std::cosh>("Cosh"),
      real_function<std::erf>("Erf"),
      real_function<std::exp>("Exp"),
      real_function<std::floor>("Floor"),
      {.name = "IsInf",
       .schema = {"X:T1 -> Y:bool", {{"T1", kTestable}}, {{"detect_negative", 1}, {"detect_positive", 1}}},
       .infer = infer_test,
       .reference = reference_is_inf},
      {.name = "IsNaN",
       .schema = {"X:T1 -> Y:bool", {{"T1", kTestable}}},
       .infer = infer_test,
       .reference = reference_is_nan},
      real_function<std::log>("Log"),
      {.name = "Neg",
       .schema = {"X:T -> Y:T", {{"T", types::kFloats | types::kSignedInts}}},
       .infer = infer_same_as_first,
       .reference = map_numbers<negative_real, negative>},
      {.name = "Not",
       .schema = {"X:bool -> Y:bool", {}},
       .infer = infer_same_as_first,
       .reference = map_integers<is_zero>},
      real_function<reciprocal>("Reciprocal"),
      real_function<round_to_even>("Round"),
      {.name = "Sign",
       .schema = {"input:T -> output:T", {{"T", types::kNumbers}}},
       .infer = infer_same_as_first,
       .reference = reference_sign},
      real_function<std::sin>("Sin"),
      real_function<std::sinh>("Sinh"),
      real_function<std::sqrt>("Sqrt"),
      real_function<std::tan>("Tan"),
      real_function<std::tanh>("Tanh"),
  };
}

}  // namespace atlas::ops
