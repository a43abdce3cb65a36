// Backwards from the outputs to see what is needed, then forwards to copy it.
#include "atlas/graph/cut.h"

#include <algorithm>

#include "atlas/base/error.h"

namespace atlas {
namespace {

class Cutter {
 public:
  Cutter(const Graph& graph, std::span<const ValueId> inputs)
      : graph_(graph), mapped_(graph.value_count(), ValueId::None), needed_(graph.node_count(), false) {
    for (const ValueId input : inputs)
      mapped_[index(input)] = out_.add_input(graph.value(input).name, graph.value(input).type);
  }

  Graph run(std::span<const ValueId> outputs) {
    out_.name = graph_.name;
    for (const ValueId output : outputs) require_value(output);
    for (const NodeId id : graph_.order())
      if (needed_[index(id)]) copy(graph_.node(id));
    for (const ValueId output : outputs) out_.outputs.push_back(map(output));
    return std::move(out_);
  }

 private:
  // Marks the nodes that a value needs; by hand, since models may be deep.
  void require_value(ValueId wanted) {
    std::vector<ValueId> open = {wanted};
    while (!open.empty()) {
      const ValueId value = open.back();
      open.pop_back();
      if (value == ValueId::None || mapped_[index(value)] != ValueId::None) continue;
      const NodeId producer = graph_.value(value).producer;
      if (producer == NodeId::None) {
        require(graph_.value(value).constant.is_defined(), "cut: expected '{}' among the inputs",
                graph_.value(value).name);
        continue;
      }
      if (needed_[index(producer)]) continue;
      needed_[index(producer)] = true;
      for (const ValueId used : uses(graph_.node(producer))) open.push_back(used);
    }
  }

  ValueId map(ValueId value) {
    if (value == ValueId::None) return value;
    ValueId& to = mapped_[index(value)];
    const Value& from = graph_.value(value);
    if (to == ValueId::None)
      to = from.constant.is_defined() ? out_.add_constant(from.name, from.constant)
                                      : out_.add_value(from.name, from.type);
    return to;
  }

  void copy(Node node) {
    for (ValueId& input : node.inputs) input = map(input);
    // An output that is an input of the cut comes from outside: the node makes one that nobody reads.
    for (ValueId& output : node.outputs)
      if (output != ValueId::None)
        output = out_.is_input(map(output)) ? out_.add_value("", graph_.value(output).type) : map(output);
    for_each_subgraph(node, [&](Graph& nested) {
      for (Capture& capture : nested.captures) capture.outer = map(capture.outer);
    });
    out_.add_node(std::move(node));
  }

  const Graph& graph_;
  Graph out_;
  std::vector<ValueId> mapped_;  // by value of graph_
  std::vector<bool> needed_;     // by node of graph_
};

}  // namespace

Graph cut(const Graph& graph, std::span<const ValueId> inputs, std::span<const ValueId> outputs) {
  return Cutter(graph, inputs).run(outputs);
}

}  // namespace atlas
