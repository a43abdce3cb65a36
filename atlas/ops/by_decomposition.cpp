// The node's inputs become those of a graph of its own, in which it is decomposed.
#include "atlas/ops/by_decomposition.h"

#include "atlas/ops/infer.h"
#include "atlas/ops/interpreter.h"

namespace atlas::ops {
namespace {

const OpRegistry& registry() {
  static const OpRegistry ops = standard_ops();
  return ops;
}

// Decomposes `node` into `graph`, whose values `inputs` are; its outputs become the graph's, but for those
// left out. False where there is no decomposition.
bool decompose_into(Graph& graph, const Node& node, std::vector<ValueId> inputs) {
  Node inner = node;
  inner.inputs = std::move(inputs);
  GraphBuilder builder(graph, node.name.empty() ? node.op + "/" : node.name + "/");
  const OpDef& op = registry().at(node);
  DecomposeContext context(op, inner, builder);
  const std::vector<ValueId> results = op.decompose(context);
  if (results.empty()) return false;
  for (std::size_t i = 0; i < node.outputs.size(); ++i)
    if (node.outputs[i] != ValueId::None) graph.outputs.push_back(results.at(i));
  infer_types(graph, registry());
  return true;
}

}  // namespace

void infer_by_decomposition(InferContext& context) {
  Graph graph;
  std::vector<ValueId> inputs;
  for (std::size_t i = 0; i < context.input_count(); ++i) {
    if (!context.has_input(i)) {
      inputs.push_back(ValueId::None);
    } else if (const Tensor* constant = context.constant(i)) {
      inputs.push_back(graph.add_constant("c", *constant));
    } else {
      inputs.push_back(graph.add_input("x", context.input(i)));
    }
  }
  if (!decompose_into(graph, context.node(), std::move(inputs))) return;
  std::size_t next = 0;
  for (std::size_t i = 0; i < context.output_count(); ++i)
    if (context.has_output(i)) context.set_output(i, graph.value(graph.outputs[next++]).type);
}

void reference_by_decomposition(ReferenceContext& context) {
  Graph graph;
  std::vector<ValueId> inputs;
  for (std::size_t i = 0; i < context.input_count(); ++i)
    inputs.push_back(context.has_input(i) ? graph.add_constant("c", context.input(i)) : ValueId::None);
  context.check(decompose_into(graph, context.node(), std::move(inputs)),
                "no form of this operator fits these inputs and attributes");
  std::vector<Datum> results = interpret(graph, registry(), {}, context.seed());
  std::size_t next = 0;
  for (std::size_t i = 0; i < context.output_count(); ++i)
    if (context.has_output(i)) context.set_output(i, std::move(results[next++]));
}

OpDef contrib_op(std::string_view name, Schema schema, std::vector<ValueId> (*decompose)(DecomposeContext&)) {
  return {.domain = "com.microsoft",
          .name = name,
          .schema = std::move(schema),
          .infer = infer_by_decomposition,
          .reference = reference_by_decomposition,
          .decompose = decompose};
}

}  // namespace atlas::ops
