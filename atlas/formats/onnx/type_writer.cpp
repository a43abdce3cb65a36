// The messages inside TypeProto.
#include "atlas/formats/onnx/type_writer.h"

#include "atlas/formats/onnx/type_reader.h"

namespace atlas::onnx {
namespace {

using protozero::pbf_writer;

// A symbol goes by its plain name where that reads back as the same.
std::string parameter_text(const Dim& dim) {
  const std::string symbol = dim.symbol_name();
  const std::string text = dim.text();
  return !symbol.empty() && read_dim_parameter(symbol).text() == text ? symbol : text;
}

template <typename Fill>
std::string message(Fill fill) {
  std::string out;
  pbf_writer writer(out);
  fill(writer);
  return out;
}

std::string dimension(const Dim& dim) {
  return message([&](pbf_writer& writer) {
    if (dim.is_constant()) {
      writer.add_int64(1, dim.value());
    } else if (!dim.is_unknown()) {
      writer.add_string(2, parameter_text(dim));
    }
  });
}

std::string shape(const Dims& dims) {
  return message([&](pbf_writer& writer) {
    for (const Dim& dim : dims) writer.add_message(1, dimension(dim));
  });
}

// Tensor and SparseTensor have the same fields.
std::string tensor_type(const Type& type) {
  return message([&](pbf_writer& writer) {
    writer.add_int32(1, static_cast<std::int32_t>(type.dtype));
    if (type.dims) writer.add_message(2, shape(*type.dims));
  });
}

// Sequence and Optional.
std::string element_type(const Type& type) {
  return message([&](pbf_writer& writer) { writer.add_message(1, type_proto(type.element.at(0))); });
}

std::string map_type(const Type& type) {
  return message([&](pbf_writer& writer) {
    writer.add_int32(1, static_cast<std::int32_t>(type.dtype));
    writer.add_message(2, type_proto(type.element.at(0)));
  });
}

}  // namespace

std::string type_proto(const Type& type) {
  return message([&](pbf_writer& writer) {
    switch (type.kind) {
      case Type::Kind::Unknown:
        return;
      case Type::Kind::Tensor:
        return writer.add_message(1, tensor_type(type));
      case Type::Kind::Sequence:
        return writer.add_message(4, element_type(type));
      case Type::Kind::Map:
        return writer.add_message(5, map_type(type));
      case Type::Kind::SparseTensor:
        return writer.add_message(8, tensor_type(type));
      case Type::Kind::Optional:
        return writer.add_message(9, element_type(type));
    }
  });
}

void write_value_info(pbf_writer& writer, std::string_view name, const Type& type) {
  writer.add_string(1, name.data(), name.size());
  if (type.is_known()) writer.add_message(2, type_proto(type));
}

}  // namespace atlas::onnx
