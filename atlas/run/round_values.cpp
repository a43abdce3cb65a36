// Two Casts behind each node, which no pass joins as they lose digits.
#include "atlas/run/round_values.h"

#include "atlas/tensor/elements.h"

namespace atlas {
namespace {

void round_constants(Graph& graph, DType format) {
  for (std::size_t i = 0; i < graph.value_count(); ++i) {
    Tensor& constant = graph.value(ValueId{static_cast<std::int32_t>(i)}).constant;
    if (!constant.is_defined() || constant.dtype() != DType::F32) continue;
    const Tensor narrow = from_doubles(format, constant.shape(), to_doubles(constant));
    constant = from_doubles(DType::F32, constant.shape(), to_doubles(narrow));
  }
}

void add_cast(Graph& graph, ValueId from, ValueId to, DType dtype) {
  Node cast;
  cast.op = "Cast";
  cast.name = graph.value(to).name;
  cast.inputs = {from};
  cast.outputs = {to};
  cast.attributes.set("to", static_cast<std::int64_t>(dtype));
  graph.add_node(std::move(cast));
}

}  // namespace

void round_values(Graph& graph, DType format) {
  round_constants(graph, format);
  for (const NodeId id : graph.order()) {
    for_each_subgraph(graph.node(id), [&](Graph& nested) { round_values(nested, format); });
    Node node = graph.node(id);
    graph.erase_node(id);
    const std::vector<ValueId> rounded = node.outputs;
    for (ValueId& output : node.outputs) {
      if (output == ValueId::None || graph.value(output).type.dtype != DType::F32) continue;
      output = graph.add_value(graph.value(output).name + "/exact", graph.value(output).type);
    }
    const std::vector<ValueId> exact = node.outputs;
    graph.add_node(std::move(node));
    for (std::size_t i = 0; i < exact.size(); ++i) {
      if (exact[i] == rounded[i]) continue;
      Type narrow = graph.value(exact[i]).type;
      narrow.dtype = format;
      const ValueId middle = graph.add_value(graph.value(rounded[i]).name + "/kept", narrow);
      add_cast(graph, exact[i], middle, format);
      add_cast(graph, middle, rounded[i], DType::F32);
    }
  }
}

}  // namespace atlas
