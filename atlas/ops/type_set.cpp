// Membership of types in sets.
#include "atlas/ops/type_set.h"

namespace atlas {
namespace {

bool holds(std::uint32_t mask, const Type& tensor) {
  if (!tensor.is_known()) return mask != 0;
  if (tensor.kind != Type::Kind::Tensor) return false;
  return tensor.dtype == DType::Undefined ? mask != 0 : (mask >> static_cast<int>(tensor.dtype) & 1) != 0;
}

}  // namespace

bool TypeSet::accepts(const Type& type) const {
  switch (type.kind) {
    case Type::Kind::Unknown:
      return true;
    case Type::Kind::Tensor:
      return holds(tensor, type);
    case Type::Kind::Sequence:
      return holds(sequence, type.element.at(0)) || other;
    case Type::Kind::Optional:
      if (type.element.at(0).kind == Type::Kind::Sequence)
        return holds(optional_sequence, type.element.at(0).element.at(0)) || other;
      return holds(optional, type.element.at(0)) || other;
    case Type::Kind::SparseTensor:
    case Type::Kind::Map:
      return other;
  }
  return false;
}

}  // namespace atlas
