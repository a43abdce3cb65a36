// The static type of a value: what is known of it before the graph runs.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "atlas/graph/dim.h"
#include "atlas/tensor/dtype.h"

namespace atlas {

/// Unknown where nothing has been said or inferred.
struct Type {
  enum class Kind : std::uint8_t { Unknown, Tensor, SparseTensor, Sequence, Optional, Map };

  Kind kind = Kind::Unknown;
  DType dtype = DType::Undefined;  // of the elements; of a Map, of the keys
  std::optional<Dims> dims;        // nothing: not even the rank is known
  std::vector<Type> element;       // exactly one for Sequence, Optional and Map

  static Type tensor(DType dtype, std::optional<Dims> dims = std::nullopt);
  static Type sparse(DType dtype, std::optional<Dims> dims = std::nullopt);
  static Type sequence(Type element);
  static Type optional(Type element);
  static Type map(DType key, Type value);

  bool is_known() const { return kind != Kind::Unknown; }
  bool is_tensor() const { return kind == Kind::Tensor; }
};

/// "f32[N,3]", "f32" (rank unknown), "sequence(f32[N])", "optional(f32)", "map(string,f32[])",
/// "sparse(f32[2])", "?"
std::string text(const Type& type);

/// Where both know something they must agree; the result knows what either knows (dims: a number beats a
/// symbol beats unknown). Throws InvalidArgument, opening with `where`.
Type unify(const Type& a, const Type& b, std::string_view where);

/// The type that covers both (branches of If): dims that differ become unknown. Throws on other differences.
Type merge(const Type& a, const Type& b, std::string_view where);

/// Same as far as the text form can tell.
inline bool same(const Type& a, const Type& b) {
  return text(a) == text(b);
}

}  // namespace atlas
