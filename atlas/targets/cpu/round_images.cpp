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
    for (const NodeId id : graph_.order()) {
      if (!is_convolution(id) && !moves_blocks(id)) continue;
      for (const ValueId value : graph_.node(id).outputs)
        if (value != ValueId::None && may_round(value, consumers[index(value)])) rounded_.insert(value);
    }
    while (drop_those_in_mixed_company()) continue;
    for (const ValueId value : rounded_) {
      graph_.value(value).type.dtype = DType::BF16;
      Node& maker = graph_.node(graph_.value(value).producer);
      if (maker.op == "BlockedConv") maker.attributes.set("rounds", std::int64_t{1});
    }
  }

 private:
  bool is_convolution(NodeId id) const {
    const Node& node = graph_.node(id);
    if (node.domain != "atlas" || node.op != "BlockedConv") return false;
    const NodeView view(graph_, node, ops_.at(node), nullptr, Precision::Bf16);
    const std::optional<BlockedConvPlan> plan = plan_blocked_conv(view);
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
      if (!is_convolution(id)) return false;
      const Node& conv = graph_.node(id);
      for (std::size_t i = 0; i < conv.inputs.size(); ++i)
        if (conv.inputs[i] == value && i != 0 && i != 3) return false;
      // One with factors reads its image in f32.
      const bool has_factors = conv.inputs.size() > 4 && conv.inputs[4] != ValueId::None;
      return conv.inputs[0] != value || !has_factors;
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
  std::set<ValueId> rounded_;
};

}  // namespace

void round_images(Graph& graph, const OpRegistry& ops) {
  ImageRounder(graph, ops).run();
}

}  // namespace atlas::cpu
