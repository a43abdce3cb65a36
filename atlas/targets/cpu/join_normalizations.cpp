// A normalisation that only a convolution of bfloat16 reads happens while the convolution rounds its image.
#include <algorithm>
#include <optional>

#include "atlas/targets/cpu/conv_node.h"
#include "atlas/targets/cpu/lowering.h"
#include "atlas/targets/cpu/neighbours.h"
#include "atlas/tensor/elements.h"

namespace atlas::cpu {
namespace {

// A factor and an addend for each channel, perhaps with Relu behind: a convolution channel by channel of
// single pixels that has no other attributes.
bool is_normalization(const Graph& graph, const Node& node) {
  if (node.domain != "atlas" || node.op != "BlockedConv" || has_input(node, 3) || has_input(node, 4) ||
      !has_input(node, 2) || !graph.is_constant(node.inputs[1]) || !graph.is_constant(node.inputs[2]))
    return false;
  const Tensor& factors = graph.value(node.inputs[1]).constant;
  const bool is_relu = node.attributes.string("activation", "Relu") == "Relu";
  const std::size_t attributes = node.attributes.has("activation") ? 2 : 1;
  return is_relu && node.attributes.size() == attributes && factors.dim(0) > 1 &&
         factors.element_count() == static_cast<std::size_t>(factors.dim(0)) &&
         node.attributes.integer("group", 1) == factors.dim(0);
}

// One that rounds its image, has one group, and does not scale it yet.
bool can_scale(const Graph& graph, const OpRegistry& ops, const Node& node) {
  if (node.domain != "atlas" || node.op != "BlockedConv" || has_input(node, 4)) return false;
  const std::optional<BlockedConvPlan> plan =
      plan_blocked_conv(NodeView(graph, node, ops.at(node), nullptr, Precision::Bf16));
  return plan && plan->rounds && plan->layout == ImageLayout::Blocked && plan->shape.groups == 1;
}

// As an image of one pixel.
ValueId lanes(Graph& graph, ValueId values, const Dims& image) {
  Shape shape(image.size(), 1);
  shape[1] = image[1].value();
  shape.back() = image.back().value();
  Tensor out(DType::F32, shape);
  const std::span<const float> from = graph.value(values).constant.values<float>();
  const std::span<float> to = out.values_mutable<float>();
  std::ranges::fill(to, 0.0f);
  std::ranges::copy(from, to.begin());
  return graph.add_constant(graph.value(values).name + "/lanes", std::move(out));
}

}  // namespace

void join_normalizations(Graph& graph, const OpRegistry& ops) {
  const std::vector<std::vector<NodeId>> consumers = graph.consumers();
  for (const NodeId id : graph.order()) {
    const ValueId image = graph.node(id).inputs.empty() ? ValueId::None : graph.node(id).inputs[0];
    if (image == ValueId::None || consumers[index(image)].size() != 1) continue;
    if (std::ranges::find(graph.outputs, image) != graph.outputs.end()) continue;
    const NodeId maker = graph.value(image).producer;
    if (maker == NodeId::None || !is_normalization(graph, graph.node(maker)) ||
        !can_scale(graph, ops, graph.node(id)))
      continue;
    const Node normalization = graph.node(maker);
    const Dims dims = *graph.value(image).type.dims;
    const ValueId factors = lanes(graph, normalization.inputs[1], dims);
    const ValueId addends = lanes(graph, normalization.inputs[2], dims);
    Node conv = graph.node(id);
    conv.inputs.resize(6, ValueId::None);
    conv.inputs[0] = normalization.inputs[0];
    conv.inputs[4] = factors;
    conv.inputs[5] = addends;
    if (normalization.attributes.has("activation"))
      conv.attributes.set("input_activation", std::string("Relu"));
    graph.erase_node(maker);
    graph.erase_node(id);
    graph.add_node(std::move(conv));
  }
}

}  // namespace atlas::cpu
