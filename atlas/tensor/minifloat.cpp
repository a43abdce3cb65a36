// The codec of small floating-point formats: exponent and mantissa widths decide everything.
#include "atlas/tensor/minifloat.h"

#include <cmath>
#include <limits>

#include "atlas/base/error.h"

namespace atlas {
namespace {

struct Format {
  int exponent_bits;
  int mantissa_bits;
  int bias;
  bool has_infinity;          // all-ones exponent with zero mantissa
  bool negative_zero_is_nan;  // the FNUZ formats: no negative zero, no infinity
  std::uint32_t nan;          // 0: the format has no NaN
  std::uint32_t largest;      // bits of the largest finite magnitude
};

Format format_of(DType dtype) {
  switch (dtype) {
    case DType::F16:
      return {5, 10, 15, true, false, 0x7e00, 0x7bff};
    case DType::BF16:
      return {8, 7, 127, true, false, 0x7fc0, 0x7f7f};
    case DType::F8E4M3FN:
      return {4, 3, 7, false, false, 0x7f, 0x7e};
    case DType::F8E4M3FNUZ:
      return {4, 3, 8, false, true, 0x80, 0x7f};
    case DType::F8E5M2:
      return {5, 2, 15, true, false, 0x7f, 0x7b};
    case DType::F8E5M2FNUZ:
      return {5, 2, 16, false, true, 0x80, 0x7f};
    case DType::F4E2M1:
      return {2, 1, 1, false, false, 0, 0x7};
    default:
      fail(ErrorCode::Internal, "minifloat: {} is not a small float", name(dtype));
  }
}

float decode_magnitude(const Format& format, std::uint32_t magnitude) {
  const std::uint32_t mantissa = magnitude & ((1u << format.mantissa_bits) - 1);
  const int exponent = static_cast<int>(magnitude >> format.mantissa_bits);
  if (exponent == 0) return std::ldexp(static_cast<float>(mantissa), 1 - format.bias - format.mantissa_bits);
  const std::uint32_t significand = mantissa | (1u << format.mantissa_bits);
  return std::ldexp(static_cast<float>(significand), exponent - format.bias - format.mantissa_bits);
}

// E8M0 holds a power of two: 2^(bits - 127), 255 is NaN; neither zero nor sign.
std::uint32_t encode_e8m0(double value, bool saturate, Rounding rounding) {
  if (std::isnan(value) || value < 0) return 0xff;
  if (std::isinf(value)) return saturate ? 0xfe : 0xff;
  if (value == 0) return saturate || rounding != Rounding::NearestEven ? 0x00 : 0xff;
  int exponent = 0;
  const double fraction =
      std::frexp(value, &exponent);  // value = fraction * 2^exponent, fraction in [0.5, 1)
  exponent -= 1;
  const double significand = fraction * 2;
  if (rounding == Rounding::Up && significand > 1) ++exponent;
  if (rounding == Rounding::NearestEven && significand >= 1.5) ++exponent;
  if (exponent > 127) return saturate ? 0xfe : 0xff;
  if (exponent < -127) return saturate ? 0x00 : 0xff;
  return static_cast<std::uint32_t>(exponent + 127);
}

}  // namespace

float decode_minifloat(DType dtype, std::uint32_t bits) {
  if (dtype == DType::F8E8M0)
    return bits == 0xff ? std::numeric_limits<float>::quiet_NaN()
                        : std::ldexp(1.0f, static_cast<int>(bits) - 127);
  const Format format = format_of(dtype);
  const std::uint32_t sign_bit = 1u << (format.exponent_bits + format.mantissa_bits);
  const std::uint32_t magnitude = bits & (sign_bit - 1);
  const bool negative = (bits & sign_bit) != 0;
  if (format.negative_zero_is_nan && bits == sign_bit) return std::numeric_limits<float>::quiet_NaN();
  float value = 0;
  if (magnitude <= format.largest) {
    value = decode_magnitude(format, magnitude);
  } else if (format.has_infinity && magnitude == format.largest + 1) {
    value = std::numeric_limits<float>::infinity();
  } else {
    value = std::numeric_limits<float>::quiet_NaN();
  }
  return negative ? -value : value;
}

std::uint32_t encode_minifloat(DType dtype, double value, bool saturate, Rounding rounding) {
  if (dtype == DType::F8E8M0) return encode_e8m0(value, saturate, rounding);
  const Format format = format_of(dtype);
  const std::uint32_t sign = std::signbit(value) ? 1u << (format.exponent_bits + format.mantissa_bits) : 0;
  if (std::isnan(value))
    return format.negative_zero_is_nan || format.nan == 0 ? format.nan : sign | format.nan;
  if (dtype == DType::F16 || dtype == DType::BF16 || dtype == DType::F4E2M1)
    saturate = dtype == DType::F4E2M1;

  const double magnitude = std::fabs(value);
  std::uint32_t bits = 0;
  bool overflow = std::isinf(magnitude);
  if (!overflow && magnitude > 0) {
    int exponent = 0;
    std::frexp(magnitude, &exponent);
    const int lowest = 1 - format.bias;  // exponent of the smallest normal number
    const int scale = std::max(exponent - 1, lowest) - format.mantissa_bits;
    const double steps = std::nearbyint(std::ldexp(magnitude, -scale));  // ties to even in the default mode
    // A carry out of the mantissa moves into the exponent field by itself.
    const double field =
        steps + std::ldexp(static_cast<double>(scale + format.mantissa_bits - lowest), format.mantissa_bits);
    overflow = field > format.largest;
    bits = overflow ? format.largest : static_cast<std::uint32_t>(field);
  }
  if (overflow) {
    if (saturate) {
      bits = format.largest;
    } else if (format.has_infinity) {
      bits = format.largest + 1;
    } else {
      return format.negative_zero_is_nan ? format.nan : sign | format.nan;
    }
  }
  if (bits == 0 && format.negative_zero_is_nan) return 0;
  return sign | bits;
}

namespace half_detail {
std::uint16_t f16_bits(double value) {
  return static_cast<std::uint16_t>(encode_minifloat(DType::F16, value));
}
std::uint16_t bf16_bits(double value) {
  return static_cast<std::uint16_t>(encode_minifloat(DType::BF16, value));
}
float f16_value(std::uint16_t bits) {
  const std::uint32_t sign = static_cast<std::uint32_t>(bits & 0x8000) << 16;
  const std::uint32_t magnitude = bits & 0x7fff;
  if (magnitude >= 0x7c00) return std::bit_cast<float>(sign | 0x7f800000u | ((magnitude & 0x3ff) << 13));
  // Shifted into place, the exponent is 112 too small: one product mends normals and subnormals alike.
  const float value = std::bit_cast<float>(magnitude << 13) * 0x1p112f;
  return std::bit_cast<float>(std::bit_cast<std::uint32_t>(value) | sign);
}
}  // namespace half_detail

}  // namespace atlas
