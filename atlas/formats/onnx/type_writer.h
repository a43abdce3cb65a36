// Types to TypeProto and ValueInfoProto.
#pragma once

#include <protozero/pbf_writer.hpp>
#include <string>
#include <string_view>

#include "atlas/graph/type.h"

namespace atlas::onnx {

/// A TypeProto, empty where nothing is known. (A nested pbf_writer would drop an empty message, which means
/// something here: rank 0, an extent not known.)
std::string type_proto(const Type& type);

void write_value_info(protozero::pbf_writer& writer, std::string_view name, const Type& type);

}  // namespace atlas::onnx
