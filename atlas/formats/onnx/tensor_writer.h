// Tensors to TensorProto.
#pragma once

#include <protozero/pbf_writer.hpp>
#include <string_view>

#include "atlas/tensor/datum.h"

namespace atlas::onnx {

/// Elements as raw_data, strings as string_data. Throws ResourceExhausted where they do not fit a message.
void write_tensor(protozero::pbf_writer& writer, const Tensor& tensor, std::string_view name);

/// dims, data_type and name, without elements.
void write_tensor_head(protozero::pbf_writer& writer, const Tensor& tensor, std::string_view name);

void write_sparse_tensor(protozero::pbf_writer& writer, const SparseTensor& sparse);

}  // namespace atlas::onnx
