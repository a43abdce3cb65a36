// The order of the lowering, and the fusion of what stands behind a convolution.
#include "atlas/targets/cpu/lowering.h"

#include <algorithm>
#include <limits>
#include <optional>

#include "atlas/targets/cpu/blocked_layout.h"
#include "atlas/targets/cpu/expansion.h"

namespace atlas::cpu {
namespace {

struct Activated {
  std::string name;  // as FusedConv has it
  std::vector<float> parameters;
};

std::optional<float> number(const Graph& graph, ValueId value) {
  if (!graph.is_constant(value)) return std::nullopt;
  const Tensor& constant = graph.value(value).constant;
  if (constant.dtype() != DType::F32 || constant.element_count() != 1) return std::nullopt;
  return constant.values<float>()[0];
}

// A bound of Clip: `otherwise` where it is left out, nothing where it is no constant.
std::optional<float> bound(const Graph& graph, const Node& node, std::size_t i, float otherwise) {
  if (i >= node.inputs.size() || node.inputs[i] == ValueId::None) return otherwise;
  return number(graph, node.inputs[i]);
}

std::optional<Activated> activation(const Graph& graph, const Node& node) {
  if (!node.domain.empty()) return std::nullopt;
  const Attributes& attributes = node.attributes;
  if (node.op == "Relu" || node.op == "Sigmoid" || node.op == "Tanh" || node.op == "HardSwish")
    return Activated{node.op, {}};
  if (node.op == "LeakyRelu") return Activated{node.op, {attributes.real("alpha", 0.01f)}};
  if (node.op == "HardSigmoid")
    return Activated{node.op, {attributes.real("alpha", 0.2f), attributes.real("beta", 0.5f)}};
  if (node.op == "Swish" && attributes.real("alpha", 1) == 1) return Activated{node.op, {}};
  if (node.op == "Gelu" && attributes.string("approximate", "none") == "none") return Activated{node.op, {}};
  if (node.op == "Clip") {
    const auto low = bound(graph, node, 1, -std::numeric_limits<float>::infinity());
    const auto high = bound(graph, node, 2, std::numeric_limits<float>::infinity());
    if (low && high) return Activated{node.op, {*low, *high}};
  }
  return std::nullopt;
}

bool same_f32(const Type& a, const Type& b) {
  return a.is_tensor() && b.is_tensor() && a.dtype == DType::F32 && b.dtype == DType::F32 && a.dims &&
         b.dims && *a.dims == *b.dims;
}

class ConvolutionFuser {
 public:
  explicit ConvolutionFuser(Graph& graph) : graph_(graph), consumers_(graph.consumers()) {}

  void fuse(NodeId id) {
    Node fused = graph_.node(id);
    if (!fused.domain.empty() || fused.op != "Conv" ||
        graph_.value(fused.outputs[0]).type.dtype != DType::F32)
      return;
    fused.inputs.resize(4, ValueId::None);
    std::vector<NodeId> taken = {id};
    const auto take = [&](NodeId next) {
      taken.push_back(next);
      fused.outputs = graph_.node(next).outputs;
    };
    if (const NodeId next = only_user(fused.outputs[0]); next != NodeId::None) {
      const ValueId residual = residual_of(graph_.node(next), fused.outputs[0]);
      if (residual != ValueId::None) {
        fused.inputs[3] = residual;
        take(next);
      }
    }
    if (const NodeId next = only_user(fused.outputs[0]); next != NodeId::None) {
      const Node& node = graph_.node(next);
      const auto found = activation(graph_, node);
      if (found && node.inputs[0] == fused.outputs[0]) {
        fused.attributes.set("activation", found->name);
        if (!found->parameters.empty()) fused.attributes.set("activation_params", found->parameters);
        take(next);
      }
    }
    if (taken.size() == 1) return;
    fused.domain = "com.microsoft";
    fused.op = "FusedConv";
    for (const NodeId node : taken) graph_.erase_node(node);
    graph_.add_node(std::move(fused));
  }

 private:
  NodeId only_user(ValueId value) const {
    const bool is_output = std::ranges::find(graph_.outputs, value) != graph_.outputs.end();
    const std::vector<NodeId>& users = consumers_[index(value)];
    if (is_output || users.size() != 1 || graph_.is_erased(users[0])) return NodeId::None;
    return users[0];
  }

  // What an Add of two equally large tensors adds to `value`.
  ValueId residual_of(const Node& node, ValueId value) const {
    if (!node.domain.empty() || node.op != "Add" || node.inputs[0] == node.inputs[1]) return ValueId::None;
    const ValueId other = node.inputs[0] == value ? node.inputs[1] : node.inputs[0];
    return same_f32(graph_.value(value).type, graph_.value(other).type) ? other : ValueId::None;
  }

  Graph& graph_;
  std::vector<std::vector<NodeId>> consumers_;
};

}  // namespace

Graph lower(Graph graph, const OpRegistry& ops) {
  lower_quantized(graph, ops);
  place_channels_last(graph);
  expand_nodes_without_kernel(graph, ops);
  fuse_integer_products(graph);
  fuse_convolutions(graph);
  assign_blocked_layout(graph, ops);
  graph.compact();
  return graph;
}

void fuse_convolutions(Graph& graph) {
  ConvolutionFuser fuser(graph);
  for (const NodeId id : graph.order())
    if (!graph.is_erased(id)) fuser.fuse(id);
}

}  // namespace atlas::cpu
