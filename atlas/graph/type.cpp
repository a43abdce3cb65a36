// Construction, text and agreement of types.
#include "atlas/graph/type.h"

#include "atlas/base/error.h"

namespace atlas {
namespace {

void require_same_frame(const Type& a, const Type& b, std::string_view where) {
  const bool rank_agrees = !a.dims || !b.dims || a.dims->size() == b.dims->size();
  const bool dtype_agrees = a.dtype == b.dtype || a.dtype == DType::Undefined || b.dtype == DType::Undefined;
  if (a.kind != b.kind || !dtype_agrees || !rank_agrees)
    fail(ErrorCode::InvalidArgument, "{}: expected type {}, got {}", where, text(a), text(b));
}

}  // namespace

Type Type::tensor(DType dtype, std::optional<Dims> dims) {
  return {Kind::Tensor, dtype, std::move(dims), {}};
}
Type Type::sparse(DType dtype, std::optional<Dims> dims) {
  return {Kind::SparseTensor, dtype, std::move(dims), {}};
}
Type Type::sequence(Type element) {
  return {Kind::Sequence, DType::Undefined, std::nullopt, {std::move(element)}};
}
Type Type::optional(Type element) {
  return {Kind::Optional, DType::Undefined, std::nullopt, {std::move(element)}};
}
Type Type::map(DType key, Type value) {
  return {Kind::Map, key, std::nullopt, {std::move(value)}};
}

std::string text(const Type& type) {
  const std::string tensor = std::string(type.dtype == DType::Undefined ? "any" : name(type.dtype)) +
                             (type.dims ? text(*type.dims) : "");
  switch (type.kind) {
    case Type::Kind::Unknown:
      return "?";
    case Type::Kind::Tensor:
      return tensor;
    case Type::Kind::SparseTensor:
      return "sparse(" + tensor + ")";
    case Type::Kind::Sequence:
      return "sequence(" + text(type.element.at(0)) + ")";
    case Type::Kind::Optional:
      return "optional(" + text(type.element.at(0)) + ")";
    case Type::Kind::Map:
      return "map(" + std::string(name(type.dtype)) + "," + text(type.element.at(0)) + ")";
  }
  return "?";
}

Type unify(const Type& a, const Type& b, std::string_view where) {
  if (!a.is_known()) return b;
  if (!b.is_known()) return a;
  require_same_frame(a, b, where);
  Type out = a;
  if (out.dtype == DType::Undefined) out.dtype = b.dtype;
  if (!out.dims) out.dims = b.dims;
  if (a.dims && b.dims) {
    for (std::size_t i = 0; i < a.dims->size(); ++i) {
      const Dim& x = (*a.dims)[i];
      const Dim& y = (*b.dims)[i];
      if (x.is_constant() && y.is_constant() && x != y)
        fail(ErrorCode::InvalidArgument, "{}: expected type {}, got {}", where, text(a), text(b));
      if (x.is_unknown() || (!x.is_constant() && y.is_constant())) (*out.dims)[i] = y;
    }
  }
  for (std::size_t i = 0; i < out.element.size(); ++i)
    out.element[i] = unify(a.element[i], b.element[i], where);
  return out;
}

Type merge(const Type& a, const Type& b, std::string_view where) {
  if (!a.is_known() || !b.is_known()) return {};
  if (a.kind == Type::Kind::Optional && b.kind != Type::Kind::Optional)
    return Type::optional(merge(a.element.at(0), b, where));
  if (b.kind == Type::Kind::Optional && a.kind != Type::Kind::Optional)
    return Type::optional(merge(a, b.element.at(0), where));
  Type out = a;
  if (a.dims && b.dims && a.dims->size() != b.dims->size()) out.dims.reset();
  if (!b.dims) out.dims.reset();
  require_same_frame(out, b, where);
  for (std::size_t i = 0; out.dims && i < out.dims->size(); ++i)
    if (!((*out.dims)[i] == (*b.dims)[i])) (*out.dims)[i] = Dim();
  for (std::size_t i = 0; i < out.element.size(); ++i)
    out.element[i] = merge(a.element[i], b.element[i], where);
  return out;
}

}  // namespace atlas
