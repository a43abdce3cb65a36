// Images between convolutions of bfloat16, and what stands between them, are kept so.
#include <algorithm>
#include <array>
#include <set>
#include <span>

#include "atlas/targets/cpu/conv_node.h"
#include "atlas/targets/cpu/lowering.h"

namespace atlas::cpu {
namespace {

/// An operator whose kernels take images of bfloat16 as of f32: all of its images are of one type.
struct Carrier {
  std::string_view domain, op;
  std::size_t images;  // so many inputs, from the first on
};
constexpr std::size_t kAll = 1 << 16;
constexpr std::array kCarriers = {
    Carrier{"", "Add", 2},
    Carrier{"", "Concat", kAll},
    Carrier{"", "Elu", 1},
    Carrier{"", "Gelu", 1},
    Carrier{"", "HardSigmoid", 1},
    Carrier{"", "HardSwish", 1},
    Carrier{"", "LeakyRelu", 1},
    Carrier{"", "Max", 2},
    Carrier{"", "Min", 2},
    Carrier{"", "Mish", 1},
    Carrier{"", "Mul", 2},
    Carrier{"", "ReduceMean", 1},
    Carrier{"", "Relu", 1},
    Carrier{"", "Resize", 1},
    Carrier{"", "Sigmoid", 1},
    Carrier{"", "Slice", 1},
    Carrier{"", "Softplus", 1},
    Carrier{"", "Split", 1},
    Carrier{"", "Sub", 2},
    Carrier{"", "Sum", 2},
    Carrier{"", "Swish", 1},
    Carrier{"", "Tanh", 1},
    Carrier{"atlas", "BlockedAveragePool", 1},
    Carrier{"atlas", "BlockedConcat", kAll},
    Carrier{"atlas", "BlockedDepthToSpace", 1},
    Carrier{"atlas", "BlockedMaxPool", 1},
};

class ImageRounder {
 public:
  ImageRounder(Graph& graph, const OpRegistry& ops)
      : graph_(graph), ops_(ops), consumers_(graph.consumers()) {}

  void run() {
    for (const NodeId id : graph_.order()) {
      if (is_convolution(id)) convolutions_.insert(id);
      if (is_carrier(id)) carriers_.insert(id);
    }
    for (const NodeId id : graph_.order()) {
      if (!convolutions_.contains(id) && !carriers_.contains(id)) continue;
      for (const ValueId value : graph_.node(id).outputs)
        if (value != ValueId::None && may_round(value)) rounded_.insert(value);
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
  // One, or a pair, that reads and writes either type.
  bool is_convolution(NodeId id) const {
    const Node& node = graph_.node(id);
    if (node.domain != "atlas" || (node.op != "BlockedConv" && node.op != "BlockedConvPair")) return false;
    const Node conv = node.op == "BlockedConv" ? node : pair_nodes(node, 1).conv;
    const std::optional<BlockedConvPlan> plan =
        plan_blocked_conv(NodeView(graph_, conv, ops_.at(node), nullptr, Precision::Bf16));
    return plan && (plan->rounds || plan->shape.depthwise());
  }

  bool is_carrier(NodeId id) const {
    const Node& node = graph_.node(id);
    return std::ranges::any_of(kCarriers, [&](const Carrier& carrier) {
      return carrier.domain == node.domain && carrier.op == node.op;
    });
  }

  // What a carrier reads and writes of one type.
  std::vector<ValueId> images(const Node& node) const {
    const auto carrier = std::ranges::find(kCarriers, std::string_view(node.op), &Carrier::op);
    std::vector<ValueId> out = node.outputs;
    const std::size_t count = std::min(carrier->images, node.inputs.size());
    out.insert(out.end(), node.inputs.begin(), node.inputs.begin() + static_cast<std::ptrdiff_t>(count));
    return out;
  }

  // Whether node `id` reads the value in either type wherever it reads it.
  bool reads_either(NodeId id, ValueId value) const {
    const Node& node = graph_.node(id);
    if (carriers_.contains(id)) return true;  // looked at later
    if (!convolutions_.contains(id)) return false;
    // The image, and of products that are rounded the residual.
    for (std::size_t i = 1; i < node.inputs.size(); ++i)
      if (node.inputs[i] == value && (i != 3 || is_depthwise(node))) return false;
    return true;
  }

  bool is_depthwise(const Node& node) const {
    return node.op == "BlockedConv" && node.attributes.integer("group", 1) > 1;
  }

  bool may_round(ValueId value) const {
    const Type& type = graph_.value(value).type;
    return type.is_tensor() && type.dtype == DType::F32 &&
           std::ranges::find(graph_.outputs, value) == graph_.outputs.end() &&
           std::ranges::all_of(consumers_[index(value)], [&](NodeId id) { return reads_either(id, value); });
  }

  bool drop_those_in_mixed_company() {
    const std::size_t before = rounded_.size();
    for (const NodeId id : carriers_) {
      const std::vector<ValueId> company = images(graph_.node(id));
      if (std::ranges::all_of(company, [&](ValueId image) { return rounded_.contains(image); })) continue;
      for (const ValueId image : company) rounded_.erase(image);
    }
    return rounded_.size() < before;
  }

  Graph& graph_;
  const OpRegistry& ops_;
  const std::vector<std::vector<NodeId>> consumers_;
  std::set<NodeId> convolutions_, carriers_;
  std::set<ValueId> rounded_;
};

}  // namespace

void round_images(Graph& graph, const OpRegistry& ops) {
  ImageRounder(graph, ops).run();
}

}  // namespace atlas::cpu
