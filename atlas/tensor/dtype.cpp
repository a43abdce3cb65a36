// Facts about each element type, in one table.
#include "atlas/tensor/dtype.h"

#include <array>

#include "atlas/base/error.h"

namespace atlas {
namespace {

enum class Kind : std::uint8_t { None, Float, Signed, Unsigned, Complex, Bool, String };

struct Facts {
  std::string_view name;
  int bits;
  Kind kind;
};

constexpr std::array<Facts, kDTypeCount> kFacts = {{
    {"undefined", 0, Kind::None},   {"f32", 32, Kind::Float},    {"u8", 8, Kind::Unsigned},
    {"i8", 8, Kind::Signed},        {"u16", 16, Kind::Unsigned}, {"i16", 16, Kind::Signed},
    {"i32", 32, Kind::Signed},      {"i64", 64, Kind::Signed},   {"string", 0, Kind::String},
    {"bool", 8, Kind::Bool},        {"f16", 16, Kind::Float},    {"f64", 64, Kind::Float},
    {"u32", 32, Kind::Unsigned},    {"u64", 64, Kind::Unsigned}, {"c64", 64, Kind::Complex},
    {"c128", 128, Kind::Complex},   {"bf16", 16, Kind::Float},   {"f8e4m3fn", 8, Kind::Float},
    {"f8e4m3fnuz", 8, Kind::Float}, {"f8e5m2", 8, Kind::Float},  {"f8e5m2fnuz", 8, Kind::Float},
    {"u4", 4, Kind::Unsigned},      {"i4", 4, Kind::Signed},     {"f4e2m1", 4, Kind::Float},
    {"f8e8m0", 8, Kind::Float},     {"u2", 2, Kind::Unsigned},   {"i2", 2, Kind::Signed},
}};

const Facts& facts(DType dtype) {
  return kFacts.at(static_cast<std::size_t>(dtype));
}

}  // namespace

std::string_view name(DType dtype) {
  return facts(dtype).name;
}

std::optional<DType> dtype_from_name(std::string_view name) {
  for (int i = 1; i < kDTypeCount; ++i)
    if (kFacts[i].name == name) return static_cast<DType>(i);
  return std::nullopt;
}

bool is_dtype(std::int64_t number) {
  return number > 0 && number < kDTypeCount;
}

int bits(DType dtype) {
  return facts(dtype).bits;
}

std::size_t byte_size(DType dtype, std::size_t count) {
  ensure(bits(dtype) > 0, "byte_size of a type without a fixed size");
  return bits(dtype) >= 8 ? count * (bits(dtype) / 8) : (count * bits(dtype) + 7) / 8;
}

bool is_floating(DType dtype) {
  return facts(dtype).kind == Kind::Float;
}
bool is_signed_integer(DType dtype) {
  return facts(dtype).kind == Kind::Signed;
}
bool is_unsigned_integer(DType dtype) {
  return facts(dtype).kind == Kind::Unsigned;
}
bool is_integer(DType dtype) {
  return is_signed_integer(dtype) || is_unsigned_integer(dtype);
}
bool is_complex(DType dtype) {
  return facts(dtype).kind == Kind::Complex;
}
bool is_packed(DType dtype) {
  return bits(dtype) > 0 && bits(dtype) < 8;
}

}  // namespace atlas
