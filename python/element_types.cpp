// One table, read three ways.
#include "python/element_types.h"

#include "atlas/base/error.h"

namespace atlas::python {
namespace {

using Code = nanobind::dlpack::dtype_code;

constexpr nanobind::dlpack::dtype dlpack(Code code, std::uint8_t bits) {
  return {static_cast<std::uint8_t>(code), bits, 1};
}

// Below 8 bits ml_dtypes keeps an element in a byte of its own, which is why DLPack's packed types do not
// fit.
constexpr nanobind::dlpack::dtype kNoDlpack{0, 0, 0};

constexpr ElementType kTypes[] = {
    {DType::F32, "float32", dlpack(Code::Float, 32)},
    {DType::F64, "float64", dlpack(Code::Float, 64)},
    {DType::F16, "float16", dlpack(Code::Float, 16)},
    {DType::I8, "int8", dlpack(Code::Int, 8)},
    {DType::I16, "int16", dlpack(Code::Int, 16)},
    {DType::I32, "int32", dlpack(Code::Int, 32)},
    {DType::I64, "int64", dlpack(Code::Int, 64)},
    {DType::U8, "uint8", dlpack(Code::UInt, 8)},
    {DType::U16, "uint16", dlpack(Code::UInt, 16)},
    {DType::U32, "uint32", dlpack(Code::UInt, 32)},
    {DType::U64, "uint64", dlpack(Code::UInt, 64)},
    {DType::Bool, "bool", dlpack(Code::Bool, 8)},
    {DType::C64, "complex64", dlpack(Code::Complex, 64)},
    {DType::C128, "complex128", dlpack(Code::Complex, 128)},
    {DType::BF16, "bfloat16", dlpack(Code::Bfloat, 16), false},
    {DType::F8E4M3FN, "float8_e4m3fn", dlpack(Code::Float8_E4M3FN, 8), false},
    {DType::F8E4M3FNUZ, "float8_e4m3fnuz", dlpack(Code::Float8_E4M3FNUZ, 8), false},
    {DType::F8E5M2, "float8_e5m2", dlpack(Code::Float8_E5M2, 8), false},
    {DType::F8E5M2FNUZ, "float8_e5m2fnuz", dlpack(Code::Float8_E5M2FNUZ, 8), false},
    {DType::F8E8M0, "float8_e8m0fnu", dlpack(Code::Float8_E8M0FNU, 8), false},
    {DType::F4E2M1, "float4_e2m1fn", kNoDlpack, false},
    {DType::U4, "uint4", kNoDlpack, false},
    {DType::I4, "int4", kNoDlpack, false},
    {DType::U2, "uint2", kNoDlpack, false},
    {DType::I2, "int2", kNoDlpack, false},
};

template <typename Wanted>
const ElementType* find(Wanted wanted) {
  for (const ElementType& type : kTypes)
    if (wanted(type)) return &type;
  return nullptr;
}

}  // namespace

const ElementType* element_type(DType dtype) {
  return find([&](const ElementType& type) { return type.dtype == dtype; });
}

const ElementType* element_type_of_numpy(std::string_view name) {
  return find([&](const ElementType& type) { return type.numpy == name; });
}

const ElementType* element_type_of_dlpack(nanobind::dlpack::dtype dtype) {
  return find([&](const ElementType& type) { return type.dlpack.bits != 0 && type.dlpack == dtype; });
}

DType parse_element_type(std::string_view name) {
  if (const ElementType* type = element_type_of_numpy(name)) return type->dtype;
  const std::optional<DType> own = dtype_from_name(name);
  require(own.has_value(), "expected an element type such as float32 or f32, got '{}'", name);
  return *own;
}

}  // namespace atlas::python
