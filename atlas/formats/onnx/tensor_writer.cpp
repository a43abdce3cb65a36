// The fields of TensorProto in the order of their numbers.
#include "atlas/formats/onnx/tensor_writer.h"

#include "atlas/base/error.h"

namespace atlas::onnx {

void write_tensor_head(protozero::pbf_writer& writer, const Tensor& tensor, std::string_view name) {
  for (const std::int64_t extent : tensor.shape()) writer.add_int64(1, extent);
  writer.add_int32(2, static_cast<std::int32_t>(tensor.dtype()));
  if (!name.empty()) writer.add_string(8, name.data(), name.size());
}

void write_tensor(protozero::pbf_writer& writer, const Tensor& tensor, std::string_view name) {
  constexpr std::size_t kLimit = std::size_t{1} << 31;
  require(tensor.is_defined(), "tensor '{}': expected an element type", name);
  if (tensor.size_bytes() >= kLimit)
    fail(ErrorCode::ResourceExhausted, "tensor '{}' {}: more than 2 GiB fit only external data", name,
         text(tensor));
  write_tensor_head(writer, tensor, name);
  if (tensor.dtype() == DType::String) {
    for (const std::string& value : tensor.values<std::string>()) writer.add_bytes(6, value);
  } else {
    writer.add_bytes(9, static_cast<const char*>(tensor.raw()), tensor.size_bytes());
  }
}

void write_sparse_tensor(protozero::pbf_writer& writer, const SparseTensor& sparse) {
  {
    protozero::pbf_writer values(writer, 1);
    write_tensor(values, sparse.values, "");
  }
  {
    protozero::pbf_writer indices(writer, 2);
    write_tensor(indices, sparse.indices, "");
  }
  for (const std::int64_t extent : sparse.shape) writer.add_int64(3, extent);
}

}  // namespace atlas::onnx
