// A convolution whose image only a depthwise convolution reads need not write it to memory.
#include <algorithm>
#include <optional>

#include "atlas/ops/blocked_channels.h"
#include "atlas/targets/cpu/lowering.h"
#include "atlas/targets/cpu/neighbours.h"

namespace atlas::cpu {
namespace {

// A blocked convolution of images with two axes, constant weights, and nothing but a bias.
const Tensor* weights_of(const Graph& graph, const Node& node) {
  if (node.domain != "atlas" || node.op != "BlockedConv" || has_input(node, 3) || has_input(node, 4) ||
      !graph.is_constant(node.inputs[1]))
    return nullptr;
  const Tensor& weights = graph.value(node.inputs[1]).constant;
  return weights.rank() == 4 ? &weights : nullptr;
}

bool is_depthwise(const Node& node, const Tensor& weights) {
  return weights.dim(1) == 1 && weights.dim(0) > 1 && node.attributes.integer("group", 1) == weights.dim(0);
}

// Of single pixels, or of a plain image: others may go Winograd's way, or take longer than what is saved.
bool may_come_first(const Graph& graph, const Node& node, const Tensor& weights) {
  const std::optional<Dims>& image = graph.value(node.inputs[0]).type.dims;
  if (node.attributes.integer("group", 1) != 1 || !image) return false;
  const std::vector<std::int64_t> strides = node.attributes.integers("strides");
  return image->size() == weights.rank() || (weights.dim(2) == 1 && weights.dim(3) == 1 &&
                                             std::ranges::all_of(strides, [](auto s) { return s == 1; }));
}

}  // namespace

void pair_convolutions(Graph& graph) {
  const std::vector<std::vector<NodeId>> consumers = graph.consumers();
  for (const NodeId id : graph.order()) {
    const Node depthwise = graph.node(id);
    const Tensor* d = weights_of(graph, depthwise);
    if (d == nullptr || !is_depthwise(depthwise, *d)) continue;
    const ValueId between = depthwise.inputs[0];
    const NodeId first = graph.value(between).producer;
    const bool is_output = std::ranges::find(graph.outputs, between) != graph.outputs.end();
    if (first == NodeId::None || is_output || consumers[index(between)].size() != 1) continue;
    const Node conv = graph.node(first);
    const Tensor* w = weights_of(graph, conv);
    if (w == nullptr || !may_come_first(graph, conv, *w)) continue;
    Node pair = conv;
    pair.op = "BlockedConvPair";
    pair.inputs.resize(3, ValueId::None);
    pair.inputs.push_back(depthwise.inputs[1]);
    pair.inputs.push_back(has_input(depthwise, 2) ? depthwise.inputs[2] : ValueId::None);
    pair.outputs = depthwise.outputs;
    ops::set_pair_depthwise(pair.attributes, depthwise.attributes);
    graph.erase_node(first);
    graph.erase_node(id);
    graph.add_node(std::move(pair));
  }
}

}  // namespace atlas::cpu
