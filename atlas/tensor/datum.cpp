// Access to the content of a datum, and sparse to dense.
#include "atlas/tensor/datum.h"

#include <cstring>

#include "atlas/base/error.h"

namespace atlas {
namespace {

template <typename T, typename Variant>
auto& content(Variant& variant, const Datum& datum, const char* wanted) {
  auto* found = std::get_if<T>(&variant);
  if (found == nullptr) fail(ErrorCode::InvalidArgument, "expected {}, got {}", wanted, text(datum));
  return *found;
}

}  // namespace

const Tensor& Datum::tensor() const {
  return content<Tensor>(content_, *this, "a tensor");
}
Tensor& Datum::tensor() {
  return content<Tensor>(content_, *this, "a tensor");
}
const Sequence& Datum::sequence() const {
  return content<Sequence>(content_, *this, "a sequence");
}
Sequence& Datum::sequence() {
  return content<Sequence>(content_, *this, "a sequence");
}
const Map& Datum::map() const {
  return content<Map>(content_, *this, "a map");
}
const SparseTensor& Datum::sparse() const {
  return content<SparseTensor>(content_, *this, "a sparse tensor");
}

std::string text(const Datum& datum) {
  if (datum.is_tensor()) return text(datum.tensor());
  if (datum.is_sequence()) return fmt::format("sequence of {}", datum.sequence().size());
  if (datum.is_map()) return fmt::format("map of {}", datum.map().keys.element_count());
  if (datum.is_sparse()) return "sparse " + text(datum.sparse().shape);
  return "nothing";
}

Tensor densify(const SparseTensor& sparse) {
  Tensor out(sparse.values.dtype(), sparse.shape);
  require(sparse.indices.dtype() == DType::I64, "sparse tensor: expected i64 indices, got {}",
          text(sparse.indices));
  const std::span<const std::int64_t> indices = sparse.indices.values<std::int64_t>();
  const std::size_t count = sparse.values.element_count();
  const bool flat = sparse.indices.rank() == 1;
  const std::size_t rank = sparse.shape.size();
  require(indices.size() == (flat ? count : count * rank),
          "sparse tensor {}: indices {} do not fit {} values", text(sparse.shape), text(sparse.indices),
          count);
  require(bits(out.dtype()) >= 8, "sparse tensor: elements of type {} are not supported", name(out.dtype()));

  const std::size_t width = bits(out.dtype()) / 8;
  auto* to = static_cast<std::byte*>(out.raw_mutable());
  const auto* from = static_cast<const std::byte*>(sparse.values.raw());
  std::memset(to, 0, out.element_count() * width);
  const std::vector<std::int64_t> strides = row_major_strides(sparse.shape);
  for (std::size_t i = 0; i < count; ++i) {
    std::int64_t at = 0;
    if (flat) {
      at = indices[i];
    } else {
      for (std::size_t axis = 0; axis < rank; ++axis) {
        const std::int64_t index = indices[i * rank + axis];
        require(index >= 0 && index < sparse.shape[axis], "sparse tensor {}: index {} is outside axis {}",
                text(sparse.shape), index, axis);
        at += index * strides[axis];
      }
    }
    require(at >= 0 && static_cast<std::size_t>(at) < out.element_count(),
            "sparse tensor {}: index {} is outside", text(sparse.shape), at);
    std::memcpy(to + at * width, from + i * width, width);
  }
  return out;
}

}  // namespace atlas
