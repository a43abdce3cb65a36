// TypeProto and ValueInfoProto to types.
#pragma once

#include <string>
#include <string_view>

#include "atlas/graph/type.h"

namespace atlas::onnx {

/// A text that reads as an expression becomes one; what exporters write for "not known" is unknown; any
/// other text is a symbol.
Dim read_dim_parameter(std::string_view text);

Type read_type(std::string_view proto);

struct NamedType {
  std::string name;
  Type type;
};

NamedType read_value_info(std::string_view proto);

}  // namespace atlas::onnx
