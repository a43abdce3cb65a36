// ONNX's numbers for the kinds of attributes.
#pragma once

#include <array>
#include <cstddef>

namespace atlas::onnx {

/// AttributeProto.AttributeType
enum class AttributeKind {
  Undefined = 0,
  Float = 1,
  Int = 2,
  String = 3,
  Tensor = 4,
  Graph = 5,
  Floats = 6,
  Ints = 7,
  Strings = 8,
  Tensors = 9,
  Graphs = 10,
  SparseTensor = 11,
  SparseTensors = 12,
  TypeProto = 13,
  TypeProtos = 14,
};

/// In the order of the alternatives of Attribute.
inline constexpr std::array<AttributeKind, 13> kAttributeKinds = {
    AttributeKind::Int,         AttributeKind::Float,     AttributeKind::String, AttributeKind::Tensor,
    AttributeKind::Graph,       AttributeKind::TypeProto, AttributeKind::Ints,   AttributeKind::Floats,
    AttributeKind::Strings,     AttributeKind::Tensors,   AttributeKind::Graphs, AttributeKind::TypeProtos,
    AttributeKind::SparseTensor};

/// The alternative of Attribute that holds attributes of this kind, -1 for none.
constexpr int kind_index(AttributeKind kind) {
  for (std::size_t i = 0; i < kAttributeKinds.size(); ++i)
    if (kAttributeKinds[i] == kind) return static_cast<int>(i);
  return -1;
}

}  // namespace atlas::onnx
