// Nodes made by the builder.
#include "atlas/graph/builder.h"

namespace atlas {

ValueId GraphBuilder::op(std::string_view op, std::vector<ValueId> inputs, Attributes attributes) {
  return ops(op, std::move(inputs), 1, std::move(attributes)).front();
}

std::vector<ValueId> GraphBuilder::ops(std::string_view op, std::vector<ValueId> inputs,
                                       std::size_t output_count, Attributes attributes) {
  Node node;
  const std::size_t colons = op.find("::");
  if (colons != std::string_view::npos) node.domain = op.substr(0, colons);
  node.op = colons == std::string_view::npos ? op : op.substr(colons + 2);
  node.inputs = std::move(inputs);
  node.attributes = std::move(attributes);
  for (std::size_t i = 0; i < output_count; ++i) node.outputs.push_back(graph_.add_value(prefix_ + node.op));
  if (output_count > 0) node.name = graph_.value(node.outputs[0]).name;
  std::vector<ValueId> outputs = node.outputs;
  graph_.add_node(std::move(node));
  return outputs;
}

}  // namespace atlas
