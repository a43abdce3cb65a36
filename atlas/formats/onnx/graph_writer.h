// Graphs and functions to GraphProto and FunctionProto.
#pragma once

#include <cstdint>
#include <functional>
#include <protozero/pbf_writer.hpp>
#include <string_view>

#include "atlas/formats/onnx/graph_reader.h"
#include "atlas/graph/graph.h"

namespace atlas::onnx {

/// Writes a constant's TensorProto; chooses where its elements go.
using ConstantWriter =
    std::function<void(protozero::pbf_writer& writer, const Tensor& tensor, std::string_view name)>;

/// Nodes stand in `order()`. In ONNX a nested graph sees the names around it: captures take the name of what
/// they capture, and other values of nested graphs get a new name where theirs is taken outside. So do nodes
/// that share one, which ONNX Runtime refuses.
void write_graph(protozero::pbf_writer& writer, const Graph& graph, const ConstantWriter& write_constant);

void write_function(protozero::pbf_writer& writer, const Function& function, const Opsets& opsets);

}  // namespace atlas::onnx
