// Reverse-mode differentiation in place of Gradient nodes.
#include <algorithm>
#include <unordered_map>
#include <unordered_set>

#include "atlas/base/error.h"
#include "atlas/ops/infer.h"
#include "atlas/passes/gradient_rules.h"
#include "atlas/passes/passes.h"

namespace atlas {
namespace {

constexpr std::string_view kDomain = "ai.onnx.preview.training";

// One Gradient node at work. The nodes between 'xs' and 'y' are copied where the node's inputs are not the
// values of those names themselves; gradients then go backwards through the copies.
class Expansion {
 public:
  Expansion(Graph& graph, const OpRegistry& ops, NodeId id)
      : graph_(graph), ops_(ops), id_(id), node_(graph.node(id)), builder_(graph, node_.name) {}

  void run() {
    const std::vector<std::string> xs = node_.attributes.strings("xs");
    std::vector<std::string> names = xs;
    for (std::string& name : node_.attributes.strings("zs")) names.push_back(std::move(name));
    require(names.size() == node_.inputs.size() && node_.outputs.size() <= xs.size(),
            "{}: expected an input for each of the {} names in 'xs' and 'zs' and an output for each in 'xs', "
            "got {} "
            "and {}",
            describe(node_), names.size(), node_.inputs.size(), node_.outputs.size());
    for (std::size_t i = 0; i < names.size(); ++i) {
      image_[named(names[i])] = node_.inputs[i];
      if (i < xs.size()) active_.insert(node_.inputs[i]);
    }
    const ValueId y = named(node_.attributes.string("y", ""));
    copy_forward(y);
    infer_types(graph_, ops_);
    gradients_[image(y)] = filled_like(image(y), 1);
    for (std::size_t i = forward_.size(); i-- > 0;) go_back(graph_.node(forward_[i]));

    graph_.erase_node(id_);
    for (std::size_t i = 0; i < node_.outputs.size(); ++i) {
      if (node_.outputs[i] == ValueId::None) continue;
      const auto found = gradients_.find(node_.inputs[i]);
      const ValueId gradient = found != gradients_.end() ? found->second : filled_like(node_.inputs[i], 0);
      graph_.add_node({.op = "Identity", .inputs = {gradient}, .outputs = {node_.outputs[i]}});
    }
  }

 private:
  ValueId named(const std::string& name) const {
    const ValueId found = graph_.find(name);
    require(found != ValueId::None, "{}: there is no value '{}' to differentiate", describe(node_), name);
    return found;
  }

  ValueId image(ValueId value) const {
    const auto found = image_.find(value);
    return found == image_.end() ? value : found->second;
  }
  bool is_active(ValueId value) const { return active_.contains(value); }

  // Nodes that `y` takes, in order, up to the named values.
  std::vector<NodeId> needed_for(ValueId y) const {
    std::vector<bool> wanted(graph_.value_count(), false);
    const auto want = [&](ValueId value) {
      if (value != ValueId::None && !image_.contains(value)) wanted[index(value)] = true;
    };
    want(y);
    std::vector<NodeId> out;
    const std::vector<NodeId> order = graph_.order();
    for (std::size_t i = order.size(); i-- > 0;) {
      const Node& node = graph_.node(order[i]);
      const bool is_wanted = std::ranges::any_of(
          node.outputs, [&](ValueId value) { return value != ValueId::None && wanted[index(value)]; });
      if (!is_wanted) continue;
      out.push_back(order[i]);
      for (const ValueId used : uses(node)) want(used);
    }
    std::ranges::reverse(out);
    return out;
  }

  // forward_ becomes the nodes that depend on 'xs', copied where they have to read other values.
  void copy_forward(ValueId y) {
    for (const NodeId id : needed_for(y)) {
      const Node node = graph_.node(id);
      const std::vector<ValueId> used = uses(node);
      bool moved = false;
      bool active = false;
      for (const ValueId value : used) {
        if (value == ValueId::None) continue;
        moved = moved || image(value) != value;
        active = active || is_active(image(value));
      }
      if (active && (find_gradient_rule(node) == nullptr || node.outputs.size() != 1))
        fail(ErrorCode::Unsupported, "{}: {} asks for its gradient, and there is no rule for it",
             describe(node), describe(node_));
      if (moved && used.size() != node.inputs.size())
        fail(ErrorCode::Unsupported,
             "{}: {} asks for it at other values, which its nested graphs cannot take", describe(node),
             describe(node_));
      NodeId copy = id;
      if (moved) copy = copied(node);
      if (!active) continue;
      active_.insert(graph_.node(copy).outputs[0]);
      forward_.push_back(copy);
    }
  }

  // A second node like this one on the images of its inputs.
  NodeId copied(Node node) {
    for (ValueId& value : node.inputs) value = image(value);
    for (ValueId& value : node.outputs) {
      if (value == ValueId::None) continue;
      const ValueId copy = graph_.add_value(graph_.value(value).name);
      image_[value] = copy;
      value = copy;
    }
    return graph_.add_node(std::move(node));
  }

  void go_back(Node node) {
    const auto found = gradients_.find(node.outputs[0]);
    if (found == gradients_.end()) return;
    GradientStep step{builder_, std::move(node), found->second, {}};
    for (const ValueId value : step.node.inputs)
      step.wanted.push_back(value != ValueId::None && is_active(value));
    const std::vector<ValueId> parts = find_gradient_rule(step.node)(step);
    for (std::size_t i = 0; i < parts.size(); ++i) {
      if (!step.wanted[i] || parts[i] == ValueId::None) continue;
      const ValueId part = summed_to(step.input(i), parts[i], step.node);
      const auto [at, is_first] = gradients_.emplace(step.input(i), part);
      if (!is_first) at->second = builder_.op("Add", {at->second, part});
    }
  }

  // The gradient of an input that was broadcast: summed over the axes along which it was repeated.
  ValueId summed_to(ValueId input, ValueId gradient, const Node& node) {
    const auto& from = graph_.value(node.outputs[0]).type.dims;
    const auto& to = graph_.value(input).type.dims;
    if (!from || !to)
      fail(ErrorCode::Unsupported, "{}: its gradient needs the ranks of its inputs", describe(node));
    const std::size_t leading = from->size() - to->size();
    std::vector<std::int64_t> dropped;
    std::vector<std::int64_t> kept;
    for (std::size_t i = 0; i < leading; ++i) dropped.push_back(static_cast<std::int64_t>(i));
    for (std::size_t i = 0; i < to->size(); ++i) {
      if ((*to)[i] == (*from)[i + leading]) continue;
      if ((*to)[i] != Dim(1))
        fail(ErrorCode::Unsupported, "{}: its gradient needs to know whether {} is repeated to {}",
             describe(node), text(*to), text(*from));
      kept.push_back(static_cast<std::int64_t>(i));
    }
    if (!dropped.empty())
      gradient =
          builder_.op("ReduceSum", {gradient, builder_.ints(dropped)}, {{"keepdims", std::int64_t{0}}});
    if (!kept.empty()) gradient = builder_.op("ReduceSum", {gradient, builder_.ints(kept)});
    return gradient;
  }

  // A tensor of the type and shape of `value`, every element of it `number`.
  ValueId filled_like(ValueId value, float number) {
    const ValueId filled = builder_.op("ConstantOfShape", {builder_.op("Shape", {value})},
                                       {{"value", Tensor::of<float>({1}, {number})}});
    return builder_.op("CastLike", {filled, value});
  }

  Graph& graph_;
  const OpRegistry& ops_;
  NodeId id_;
  Node node_;
  GraphBuilder builder_;
  std::unordered_map<ValueId, ValueId> image_;      // what stands for a value in the copy
  std::unordered_set<ValueId> active_;              // values that depend on 'xs'
  std::vector<NodeId> forward_;                     // nodes to go back through, in order
  std::unordered_map<ValueId, ValueId> gradients_;  // of 'y' with respect to a value
};

}  // namespace

bool expand_gradients(Graph& graph, const OpRegistry& ops) {
  bool changed = false;
  // In order, so that the gradient of a gradient meets nodes that have rules.
  for (const NodeId id : graph.order()) {
    if (graph.node(id).domain != kDomain || graph.node(id).op != "Gradient") continue;
    Expansion(graph, ops, id).run();
    changed = true;
  }
  return changed;
}

}  // namespace atlas
