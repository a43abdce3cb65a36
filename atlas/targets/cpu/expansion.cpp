// A node is decomposed in a graph of its own first; what proves to have kernels is then moved over.
#include "atlas/targets/cpu/expansion.h"

#include <algorithm>
#include <cstdlib>
#include <memory>
#include <optional>
#include <utility>

#include "atlas/graph/builder.h"
#include "atlas/ops/decompose_context.h"
#include "atlas/ops/infer.h"
#include "atlas/ops/interpreter.h"
#include "atlas/targets/cpu/kernel_table.h"

namespace atlas::cpu {
namespace {

/// For kernels that are made to be asked about alone: zeros in place of what they would pack.
class NoWeights : public WeightStore {
 public:
  PackedMemory pack(size_t bytes, FunctionRef<void(std::byte*)>) override {
    constexpr size_t boundary = 64;  // pages that nobody writes cost nothing
    const std::shared_ptr<void> memory(std::calloc(bytes + boundary, 1), std::free);
    if (!memory) fail(ErrorCode::ResourceExhausted, "kernel memory: no {} bytes left", bytes);
    void* start = memory.get();
    std::size_t room = bytes + boundary;
    std::align(boundary, bytes, start, room);
    return PackedMemory(memory, static_cast<std::byte*>(start));
  }
};

bool has_kernel(const Graph& graph, const Node& node, const OpDef& op) {
  NoWeights weights;
  const KernelChoice choice = choose_kernel(NodeView(graph, node, op, &weights));
  return choice.kernel != nullptr || choice.reference_is_kernel;
}

bool has_subgraph(const Node& node) {
  bool found = false;
  for_each_subgraph(node, [&](const Graph&) { found = true; });
  return found;
}

// The decomposition of a node: its inputs and outputs are the node's, those left out not among them.
std::optional<Graph> decomposed(const Graph& graph, const Node& node, const OpDef& op) {
  Graph out;
  Node inner = node;
  for (ValueId& input : inner.inputs) {
    if (input == ValueId::None) continue;
    const Value& value = graph.value(input);
    const Type type = value.type;
    const bool constant = graph.is_constant(input);
    input = constant ? out.add_constant(value.name, value.constant) : out.add_input(value.name, type);
  }
  GraphBuilder builder(out, node.name.empty() ? node.op + "/" : node.name + "/");
  DecomposeContext context(op, inner, builder);
  const std::vector<ValueId> results = op.decompose(context);
  if (results.empty()) return std::nullopt;
  for (std::size_t i = 0; i < node.outputs.size(); ++i)
    if (node.outputs[i] != ValueId::None) out.outputs.push_back(results.at(i));
  return out;
}

std::size_t bytes_of(const Tensor& tensor) {
  return tensor.dtype() == DType::String ? 0 : byte_size(tensor.dtype(), tensor.element_count());
}

// Computes now what follows from constants (weights turned over, say), unless it would take more memory.
void fold_constants(Graph& graph, const OpRegistry& ops) {
  for (const NodeId id : graph.order()) {
    const Node node = graph.node(id);
    std::vector<Datum> inputs;
    std::size_t bytes = 0;
    for (const ValueId input : node.inputs) {
      if (input != ValueId::None && !graph.is_constant(input)) break;
      inputs.emplace_back();
      if (input == ValueId::None) continue;
      inputs.back() = graph.value(input).constant;
      bytes += bytes_of(graph.value(input).constant);
    }
    if (inputs.size() < node.inputs.size() || node.outputs.size() != 1 || has_subgraph(node)) continue;
    ReferenceHost host;
    host.output_types = {graph.value(node.outputs[0]).type};
    const std::vector<Datum> results = run_reference(ops, node, inputs, host);
    constexpr std::size_t kSmall = 4096;
    if (!results[0].is_tensor() || bytes_of(results[0].tensor()) > std::max(bytes, kSmall)) continue;
    const ValueId folded = graph.add_constant(node.op, results[0].tensor());
    graph.replace_uses(node.outputs[0], folded);
    graph.erase_node(id);
  }
}

// Puts the nodes of `body` in the place of node `id`.
void replace(Graph& graph, NodeId id, const Graph& body) {
  const Node node = graph.node(id);
  std::vector<ValueId> outer(body.value_count(), ValueId::None);
  std::size_t next_input = 0;
  for (const ValueId input : node.inputs)
    if (input != ValueId::None && !graph.is_constant(input))
      outer[index(body.inputs.at(next_input++))] = input;
  // An output that a node of the body makes takes the place of the node's own.
  std::vector<ValueId> outputs;
  for (const ValueId output : node.outputs)
    if (output != ValueId::None) outputs.push_back(output);
  for (std::size_t i = 0; i < outputs.size(); ++i) {
    ValueId& mapped = outer[index(body.outputs.at(i))];
    const bool made = body.value(body.outputs[i]).producer != NodeId::None;
    if (made && mapped == ValueId::None) mapped = std::exchange(outputs[i], ValueId::None);
  }
  const auto map = [&](ValueId value) {
    if (value == ValueId::None) return value;
    ValueId& mapped = outer[index(value)];
    if (mapped == ValueId::None) {
      const Value& inner = body.value(value);
      mapped = inner.constant.is_defined() ? graph.add_constant(inner.name, inner.constant)
                                           : graph.add_value(inner.name, inner.type);
    }
    return mapped;
  };
  graph.erase_node(id);
  for (const NodeId inner : body.order()) {
    Node copy = body.node(inner);
    for (ValueId& input : copy.inputs) input = map(input);
    for (ValueId& output : copy.outputs) output = map(output);
    graph.add_node(std::move(copy));
  }
  for (std::size_t i = 0; i < outputs.size(); ++i)
    if (outputs[i] != ValueId::None)
      graph.add_node({.op = "Identity", .inputs = {map(body.outputs[i])}, .outputs = {outputs[i]}});
}

// Decompositions are in terms of simpler operators; this only guards against those that are not.
constexpr int kDeepest = 8;

bool expand(Graph& graph, const OpRegistry& ops, int depth) {
  bool changed = false;
  for (const NodeId id : graph.order()) {
    const Node node = graph.node(id);
    const OpDef* op = ops.find(node);
    if (op == nullptr || op->decompose == nullptr || has_subgraph(node) || has_kernel(graph, node, *op))
      continue;
    std::optional<Graph> body = decomposed(graph, node, *op);
    if (!body) continue;
    infer_types(*body, ops);
    fold_constants(*body, ops);
    if (depth < kDeepest && expand(*body, ops, depth + 1)) infer_types(*body, ops);
    bool complete = true;
    for (const NodeId inner : body->order()) {
      const Node& part = body->node(inner);
      const OpDef* part_op = ops.find(part);
      complete = complete && part_op != nullptr && !has_subgraph(part) && has_kernel(*body, part, *part_op);
    }
    if (!complete) continue;
    replace(graph, id, *body);
    changed = true;
  }
  return changed;
}

}  // namespace

void expand_nodes_without_kernel(Graph& graph, const OpRegistry& ops) {
  if (expand(graph, ops, 0)) infer_types(graph, ops);
}

}  // namespace atlas::cpu
