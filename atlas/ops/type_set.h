// Sets of types that an operator's parameter accepts.
#pragma once

#include <cstdint>
#include <initializer_list>

#include "atlas/graph/type.h"

namespace atlas {

/// One bit per DType, by where the elements stand. A default set accepts nothing.
struct TypeSet {
  std::uint32_t tensor = 0;
  std::uint32_t sequence = 0;           // sequence(tensor)
  std::uint32_t optional = 0;           // optional(tensor)
  std::uint32_t optional_sequence = 0;  // optional(sequence(tensor))
  bool other = false;                   // maps, sparse tensors and sequences of maps

  constexpr TypeSet() = default;
  constexpr TypeSet(std::initializer_list<DType> dtypes) {
    for (const DType dtype : dtypes) tensor |= 1u << static_cast<int>(dtype);
  }
  friend constexpr TypeSet operator|(TypeSet a, const TypeSet& b) {
    a.tensor |= b.tensor;
    a.sequence |= b.sequence;
    a.optional |= b.optional;
    a.optional_sequence |= b.optional_sequence;
    a.other |= b.other;
    return a;
  }

  /// Also true for a type that is not fully known but may turn out to be in the set.
  bool accepts(const Type& type) const;
};

/// Sequences, optionals and optional sequences of the tensors of a set.
constexpr TypeSet sequences_of(const TypeSet& set) {
  TypeSet out;
  out.sequence = set.tensor;
  return out;
}
constexpr TypeSet optionals_of(const TypeSet& set) {
  TypeSet out;
  out.optional = set.tensor;
  out.optional_sequence = set.sequence;
  return out;
}

namespace types {
inline constexpr TypeSet kFloats = {DType::F32, DType::F64, DType::F16, DType::BF16};
inline constexpr TypeSet kSignedInts = {DType::I8, DType::I16, DType::I32, DType::I64};
inline constexpr TypeSet kUnsignedInts = {DType::U8, DType::U16, DType::U32, DType::U64};
inline constexpr TypeSet kInts = kSignedInts | kUnsignedInts;
inline constexpr TypeSet kNumbers = kFloats | kInts;
inline constexpr TypeSet kIndices = {DType::I32, DType::I64};
inline constexpr TypeSet kBool = {DType::Bool};
inline constexpr TypeSet kString = {DType::String};
inline constexpr TypeSet kComplex = {DType::C64, DType::C128};
inline constexpr TypeSet kClassic =  // kPlain before bfloat16
    TypeSet{DType::F32, DType::F64, DType::F16} | kInts | kBool | kString | kComplex;
inline constexpr TypeSet kFloat8 = {DType::F8E4M3FN, DType::F8E4M3FNUZ, DType::F8E5M2, DType::F8E5M2FNUZ,
                                    DType::F8E8M0};
inline constexpr TypeSet kPacked = {DType::I4, DType::U4, DType::I2, DType::U2, DType::F4E2M1};
inline constexpr TypeSet kPlain = kNumbers | kBool | kString | kComplex;  // "all tensor types" before float8
inline constexpr TypeSet kAll = kPlain | kFloat8 | kPacked;
constexpr TypeSet anything() {
  TypeSet out = kAll | sequences_of(kAll) | optionals_of(kAll | sequences_of(kAll));
  out.other = true;
  return out;
}
inline constexpr TypeSet kAnything = anything();
}  // namespace types

}  // namespace atlas
