// A walk over nodes in order; nested graphs see the values of the graph around them.
#include "atlas/ops/interpreter.h"

#include "atlas/graph/node_errors.h"

namespace atlas {
namespace {

std::vector<Datum> run_graph(const Graph& graph, const OpRegistry& registry, std::span<const Datum> inputs,
                             std::span<const Datum> captured, std::uint64_t seed, NodeWatch* watch) {
  require(inputs.size() == graph.inputs.size(), "graph '{}': expected {} inputs, got {}", graph.name,
          graph.inputs.size(), inputs.size());
  std::vector<Datum> values(graph.value_count());
  for (std::size_t i = 0; i < values.size(); ++i) {
    const Tensor& constant = graph.value(ValueId{static_cast<std::int32_t>(i)}).constant;
    if (constant.is_defined()) values[i] = constant;
  }
  for (std::size_t i = 0; i < inputs.size(); ++i)
    if (!inputs[i].is_empty()) values[index(graph.inputs[i])] = inputs[i];
  for (std::size_t i = 0; i < captured.size(); ++i) values[index(graph.captures[i].inner)] = captured[i];

  for (const NodeId id : graph.order()) {
    const Node& node = graph.node(id);
    std::vector<Datum> arguments;
    for (const ValueId input : node.inputs)
      arguments.push_back(input == ValueId::None ? Datum() : values[index(input)]);
    ReferenceHost host;
    host.seed = seed + index(id);
    host.run_body = [&](const Graph& body, std::span<const Datum> body_inputs) {
      std::vector<Datum> outer;
      for (const Capture& capture : body.captures) outer.push_back(values[index(capture.outer)]);
      return run_graph(body, registry, body_inputs, outer, seed, watch);
    };
    for (const ValueId output : node.outputs)
      host.output_types.push_back(output == ValueId::None ? Type() : graph.value(output).type);
    if (watch) watch->begin(graph, node, arguments);
    std::vector<Datum> results = run_reference(registry, node, arguments, host);
    if (watch) watch->end(graph, node, arguments, results);
    for (std::size_t i = 0; i < results.size(); ++i)
      if (node.outputs[i] != ValueId::None) values[index(node.outputs[i])] = std::move(results[i]);
  }
  std::vector<Datum> outputs;
  for (const ValueId output : graph.outputs) outputs.push_back(values[index(output)]);
  return outputs;
}

}  // namespace

std::vector<Datum> run_reference(const OpRegistry& registry, const Node& node, std::span<const Datum> inputs,
                                 const ReferenceHost& host) {
  const OpDef& op = registry.at(node);
  if (op.reference == nullptr) fail(ErrorCode::Unsupported, "{}: has no implementation", describe(node));
  return naming(node, [&] {
    ReferenceContext context(op, node, inputs, host);
    op.reference(context);
    return context.take_outputs();
  });
}

std::vector<Datum> interpret(const Graph& graph, const OpRegistry& registry, std::span<const Datum> inputs,
                             std::uint64_t seed) {
  return run_graph(graph, registry, inputs, {}, seed, nullptr);
}

std::vector<Datum> interpret(const Graph& graph, const OpRegistry& registry, std::span<const Datum> inputs,
                             std::uint64_t seed, NodeWatch& watch) {
  return run_graph(graph, registry, inputs, {}, seed, &watch);
}

}  // namespace atlas
