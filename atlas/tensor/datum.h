// What flows along an edge of a graph at run time: a tensor, a sequence, a map, a sparse tensor, or nothing.
#pragma once

#include <string>
#include <variant>
#include <vector>

#include "atlas/tensor/tensor.h"

namespace atlas {

class Datum;

/// An ordered list; ONNX asks that its elements be of one type.
using Sequence = std::vector<Datum>;

/// Keys (rank 1, I64-like or String) and the values that belong to them (rank 1, or a sequence of as many).
struct Map {
  Tensor keys;
  Tensor values;
};

/// Coordinate form: `values` has rank 1 (NNZ), `indices` is I64 [NNZ] (flat) or [NNZ, rank], sorted.
struct SparseTensor {
  Tensor values;
  Tensor indices;
  Shape shape;
};

/// Dense tensor with the same elements, zero where none is stored. Throws InvalidArgument on bad indices.
Tensor densify(const SparseTensor& sparse);

/// An empty optional is a Datum that holds nothing; a full one is the thing itself.
class Datum {
 public:
  Datum() = default;
  Datum(Tensor tensor) : content_(std::move(tensor)) {}
  Datum(Sequence sequence) : content_(std::move(sequence)) {}
  Datum(Map map) : content_(std::move(map)) {}
  Datum(SparseTensor sparse) : content_(std::move(sparse)) {}

  bool is_empty() const { return std::holds_alternative<std::monostate>(content_); }
  bool is_tensor() const { return std::holds_alternative<Tensor>(content_); }
  bool is_sequence() const { return std::holds_alternative<Sequence>(content_); }
  bool is_map() const { return std::holds_alternative<Map>(content_); }
  bool is_sparse() const { return std::holds_alternative<SparseTensor>(content_); }

  /// The content. Throw InvalidArgument where it is something else.
  const Tensor& tensor() const;
  Tensor& tensor();
  const Sequence& sequence() const;
  Sequence& sequence();
  const Map& map() const;
  const SparseTensor& sparse() const;

 private:
  std::variant<std::monostate, Tensor, Sequence, Map, SparseTensor> content_;
};

/// "f32[2,3]", "sequence of 3", "map of 10", "nothing"
std::string text(const Datum& datum);

}  // namespace atlas
