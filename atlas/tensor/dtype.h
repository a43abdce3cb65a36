// Element types of tensors: all that ONNX names, with the numbers that ONNX gives them.
#pragma once

#include <complex>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "atlas/tensor/half.h"

namespace atlas {

/// Enumerator values equal those of TensorProto.DataType in ONNX's published schema.
enum class DType : std::uint8_t {
  Undefined = 0,
  F32 = 1,
  U8 = 2,
  I8 = 3,
  U16 = 4,
  I16 = 5,
  I32 = 6,
  I64 = 7,
  String = 8,
  Bool = 9,
  F16 = 10,
  F64 = 11,
  U32 = 12,
  U64 = 13,
  C64 = 14,
  C128 = 15,
  BF16 = 16,
  F8E4M3FN = 17,
  F8E4M3FNUZ = 18,
  F8E5M2 = 19,
  F8E5M2FNUZ = 20,
  U4 = 21,
  I4 = 22,
  F4E2M1 = 23,
  F8E8M0 = 24,
  U2 = 25,
  I2 = 26,
};
inline constexpr int kDTypeCount = 27;

/// Short name used in the text form and in messages: "f32", "u8", "bf16", "string", ...
std::string_view name(DType dtype);
std::optional<DType> dtype_from_name(std::string_view name);

/// True for the numbers above except Undefined.
bool is_dtype(std::int64_t number);

/// Bits of one element in memory; below 8 the elements are packed, the first in the low bits of a byte.
/// 0 for String and Undefined.
int bits(DType dtype);

/// Bytes that `count` elements take in a dense tensor. Not for String.
std::size_t byte_size(DType dtype, std::size_t count);

bool is_floating(DType dtype);  // f64 f32 f16 bf16, the f8 and f4 variants
bool is_signed_integer(DType dtype);
bool is_unsigned_integer(DType dtype);  // Bool is not among them
bool is_integer(DType dtype);
bool is_complex(DType dtype);
bool is_packed(DType dtype);  // fewer than 8 bits

/// The DType of a C++ element type.
template <typename T>
inline constexpr DType dtype_of = DType::Undefined;
template <>
inline constexpr DType dtype_of<float> = DType::F32;
template <>
inline constexpr DType dtype_of<double> = DType::F64;
template <>
inline constexpr DType dtype_of<F16> = DType::F16;
template <>
inline constexpr DType dtype_of<BF16> = DType::BF16;
template <>
inline constexpr DType dtype_of<std::int8_t> = DType::I8;
template <>
inline constexpr DType dtype_of<std::int16_t> = DType::I16;
template <>
inline constexpr DType dtype_of<std::int32_t> = DType::I32;
template <>
inline constexpr DType dtype_of<std::int64_t> = DType::I64;
template <>
inline constexpr DType dtype_of<std::uint8_t> = DType::U8;
template <>
inline constexpr DType dtype_of<std::uint16_t> = DType::U16;
template <>
inline constexpr DType dtype_of<std::uint32_t> = DType::U32;
template <>
inline constexpr DType dtype_of<std::uint64_t> = DType::U64;
template <>
inline constexpr DType dtype_of<bool> = DType::Bool;
template <>
inline constexpr DType dtype_of<std::string> = DType::String;
template <>
inline constexpr DType dtype_of<std::complex<float>> = DType::C64;
template <>
inline constexpr DType dtype_of<std::complex<double>> = DType::C128;

}  // namespace atlas
