// TypeProto and ValueInfoProto to types.
#pragma once

#include <string>
#include <string_view>

#include "atlas/graph/type.h"

namespace atlas::onnx {

/// A dim_param that reads as an expression becomes one, any other text a symbol.
Type read_type(std::string_view proto);

struct NamedType {
  std::string name;
  Type type;
};

NamedType read_value_info(std::string_view proto);

}  // namespace atlas::onnx
