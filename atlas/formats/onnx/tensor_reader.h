// TensorProto and SparseTensorProto to tensors.
#pragma once

#include <string>
#include <string_view>

#include "atlas/formats/onnx/source.h"
#include "atlas/tensor/datum.h"

namespace atlas::onnx {

/// More axes than this are taken for damage.
inline constexpr std::size_t kMaxRank = 64;

struct NamedTensor {
  std::string name;
  Tensor tensor;
};

/// `proto` must lie inside `source.bytes()`. Elements come from raw_data, the field of their type, or a file
/// of their own. Throws InvalidArgument, naming the tensor.
NamedTensor read_tensor(std::string_view proto, Source& source);

struct NamedSparseTensor {
  std::string name;  // that of the values
  SparseTensor tensor;
};

NamedSparseTensor read_sparse_tensor(std::string_view proto, Source& source);

}  // namespace atlas::onnx
