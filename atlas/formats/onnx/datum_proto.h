// Run-time data in ONNX's own files: TensorProto, SequenceProto, OptionalProto, MapProto.
#pragma once

#include <filesystem>
#include <memory>
#include <string>
#include <string_view>

#include "atlas/graph/type.h"
#include "atlas/tensor/datum.h"

namespace atlas {

/// Reads the message that data of `type` is stored in: a SequenceProto for sequences, an OptionalProto for
/// optionals, a MapProto for maps, a SparseTensorProto for sparse tensors, else a TensorProto. Tensors may be
/// views of the file. Throws Error, opening with the file.
Datum read_onnx_datum(const std::filesystem::path& path, const Type& type);

/// The same from memory, which the result keeps alive; `where` opens messages.
Datum read_onnx_datum(std::shared_ptr<Buffer> bytes, const Type& type, std::string_view where);

/// A TensorProto as bytes.
std::string write_tensor_proto(const Tensor& tensor, std::string_view name = "");

}  // namespace atlas
