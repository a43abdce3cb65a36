// 16-bit floating-point element types: IEEE binary16 and bfloat16, with conversions that round to even.
#pragma once

#include <bit>
#include <cstdint>

namespace atlas {

namespace half_detail {
std::uint16_t f16_bits(double value);
std::uint16_t bf16_bits(double value);
float f16_value(std::uint16_t bits);
}  // namespace half_detail

/// IEEE 754 binary16. Converts from any arithmetic value with one rounding (nearest, ties to even).
struct F16 {
  std::uint16_t bits = 0;

  F16() = default;
  explicit F16(double value) : bits(half_detail::f16_bits(value)) {}
  static F16 from_bits(std::uint16_t bits) {
    F16 out;
    out.bits = bits;
    return out;
  }
  explicit operator float() const { return half_detail::f16_value(bits); }
  explicit operator double() const { return half_detail::f16_value(bits); }
};

/// bfloat16: the upper half of a binary32.
struct BF16 {
  std::uint16_t bits = 0;

  BF16() = default;
  explicit BF16(double value) : bits(half_detail::bf16_bits(value)) {}
  static BF16 from_bits(std::uint16_t bits) {
    BF16 out;
    out.bits = bits;
    return out;
  }
  explicit operator float() const { return std::bit_cast<float>(static_cast<std::uint32_t>(bits) << 16); }
  explicit operator double() const { return static_cast<float>(*this); }
};

}  // namespace atlas
