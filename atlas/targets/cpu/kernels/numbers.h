// Arrays of real numbers in either of two types.
#pragma once

#include <cstddef>
#include <cstdint>
#include <type_traits>

namespace atlas::cpu {

/// Bits of a bfloat16: the upper half of an f32.
using Bf16 = uint16_t;

/// Numbers in memory as f32, or as bfloat16. `Byte`: std::byte, or const std::byte for those only read.
template <typename Byte>
class Numbers {
  template <typename T>
  using Of = std::conditional_t<std::is_const_v<Byte>, const T, T>;

 public:
  Byte* data = nullptr;
  bool rounded = false;

  Numbers() = default;
  Numbers(Byte* bytes, bool are_rounded) : data(bytes), rounded(are_rounded) {}
  Numbers(Of<float>* values) : data(reinterpret_cast<Byte*>(values)) {}
  Numbers(Of<Bf16>* values) : data(reinterpret_cast<Byte*>(values)), rounded(true) {}

  size_t bytes() const { return rounded ? sizeof(Bf16) : sizeof(float); }
  Numbers at(size_t element) const { return {data ? data + element * bytes() : nullptr, rounded}; }
  /// As an array of T, which must be what it is.
  template <typename T>
  Of<T>* as() const {
    return reinterpret_cast<Of<T>*>(data);
  }
};

/// The nearest bfloat16, ties to even; a NaN stays one.
inline Bf16 to_bf16(float value) {
  const auto bits = __builtin_bit_cast(uint32_t, value);
  if ((bits & 0x7fffffff) > 0x7f800000) return static_cast<Bf16>(bits >> 16 | 0x40);
  return static_cast<Bf16>((bits + 0x7fff + (bits >> 16 & 1)) >> 16);
}

inline float from_bf16(Bf16 bits) {
  return __builtin_bit_cast(float, uint32_t{bits} << 16);
}

inline float to_f32(float value) {
  return value;
}
inline float to_f32(Bf16 bits) {
  return from_bf16(bits);
}

/// Calls visit(float()) or visit(Bf16()): for code that is compiled for both.
template <typename Visit>
void with_number_type(bool rounded, Visit visit) {
  rounded ? visit(Bf16()) : visit(float());
}

}  // namespace atlas::cpu
