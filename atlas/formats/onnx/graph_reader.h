// GraphProto and FunctionProto to graphs, operators as the file has them: no version is converted here.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>

#include "atlas/formats/onnx/source.h"
#include "atlas/graph/graph.h"

namespace atlas::onnx {

/// Version of each domain's operators; "" is ai.onnx.
using Opsets = std::map<std::string, std::int64_t, std::less<>>;

/// Adds the OperatorSetIdProto in `proto`; "ai.onnx" becomes "".
void read_opset(std::string_view proto, Opsets& opsets);

/// What a nested graph uses of the graphs around it becomes captures, in each graph on the way. An
/// initialiser that is also an input is a constant where `initializers_are_constants` (before IR version 4),
/// else the default of the input. Throws InvalidArgument, naming nodes from the outermost in.
Graph read_graph(std::string_view proto, Source& source, bool initializers_are_constants);

/// `opsets` are those that the body is written in. Constant nodes that hold a tensor become constants of the
/// body, for which ONNX has no other place.
Function read_function(std::string_view proto, Source& source, Opsets& opsets);

}  // namespace atlas::onnx
