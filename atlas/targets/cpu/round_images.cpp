// An image that only convolutions of bfloat16 read, or that is only put together with such ones, is kept so.
#include <algorithm>
#include <set>

#include "atlas/targets/cpu/conv_node.h"
#include "atlas/targets/cpu/lowering.h"

namespace atlas::cpu {
namespace {

class ImageRounder {
 public:
  ImageRounder(Graph& graph, const OpRegistry& ops) : graph_(graph), ops_(ops) {}

  void run() {
    const std::vector<std::vector<NodeId>> consumers = graph_.consumers();
    for (const NodeId id : graph_.order())
      if (rounds_products(id)) rounding_.insert(id);
    for (const NodeId id : graph_.order()) {
      if (!rounding_.contains(id) && !moves_blocks(id)) continue;
      for (const ValueId value : graph_.node(id).outputs)
        if (value != ValueId::None && may_round(value, consumers[index(value)])) rounded_.insert(value);
    }
    while (drop_those_in_mixed_company()) continue;
    for (const ValueId value : rounded_) {
      graph_.value(value).type.dtype = DType::BF16;
      Node& maker = graph_.node(graph_.value(value).producer);
      if (maker.op == "BlockedConv") maker.attributes.set("rounds", std::int64_t{1});
      if (maker.op == "BlockedConvPair") maker.attributes.set("depthwise_rounds", std::int64_t{1});
    }
  }

 private:
  // A convolution, or the first one of a pair.
  bool rounds_products(NodeId id) const {
    const Node& node = graph_.node(id);
    if (node.domain != "atlas" || (node.op != "BlockedConv" && node.op != "BlockedConvPair")) return false;
    const Node conv = node.op == "BlockedConv" ? node : pair_nodes(node, 1).conv;
    const std::optional<BlockedConvPlan> plan =
        plan_blocked_conv(NodeView(graph_, conv, ops_.at(node), nullptr, Precision::Bf16));
    return plan && plan->rounds;
  }

  // Whole blocks, whatever is in them.
  bool moves_blocks(NodeId id) const {
    const Node& node = graph_.node(id);
    return node.domain.empty() && (node.op == "Concat" || node.op == "Split") &&
           node.attributes.integer("axis", 0) == 1;
  }

  bool may_round(ValueId value, const std::vector<NodeId>& consumers) const {
    const Type& type = graph_.value(value).type;
    if (!type.is_tensor() || type.dtype != DType::F32 ||
        std::ranges::find(graph_.outputs, value) != graph_.outputs.end())
      return false;
    return std::ranges::all_of(consumers, [&](NodeId id) {
      if (moves_blocks(id)) return true;
      if (!rounding_.contains(id)) return false;
      const Node& node = graph_.node(id);
      if (node.op == "BlockedConvPair") return true;
      for (std::size_t i = 0; i < node.inputs.size(); ++i)
        if (node.inputs[i] == value && i != 0 && i != 3) return false;
      // One with factors reads its image in f32.
      const bool has_factors = node.inputs.size() > 4 && node.inputs[4] != ValueId::None;
      return node.inputs[0] != value || !has_factors;
    });
  }

  bool drop_those_in_mixed_company() {
    const std::size_t before = rounded_.size();
    for (const NodeId id : graph_.order()) {
      if (!moves_blocks(id)) continue;
      const Node& node = graph_.node(id);
      std::vector<ValueId> images = node.outputs;
      if (node.op == "Split")
        images.push_back(node.inputs[0]);
      else
        images.insert(images.end(), node.inputs.begin(), node.inputs.end());
      if (std::ranges::all_of(images, [&](ValueId image) { return rounded_.contains(image); })) continue;
      for (const ValueId image : images) rounded_.erase(image);
    }
    return rounded_.size() < before;
  }

  Graph& graph_;
  const OpRegistry& ops_;
  std::set<NodeId> rounding_;  // nodes
  std::set<ValueId> rounded_;  // their images
};

}  // namespace

void round_images(Graph& graph, const OpRegistry& ops) {
  ImageRounder(graph, ops).run();
}

}  // namespace atlas::cpu
