// Every image that a quantised operator makes gets a twin with its channels last; the image itself is made
// from the twin only where something else reads it.
#include <algorithm>
#include <array>
#include <map>

#include "atlas/targets/cpu/lowering.h"
#include "atlas/targets/cpu/quantized_inputs.h"

namespace atlas::cpu {
namespace {

constexpr std::size_t kRank = 4;
using Axes = std::vector<std::int64_t>;
const Axes kToLast = {0, 2, 3, 1};
const Axes kToFirst = {0, 3, 1, 2};

class ChannelPlacer {
 public:
  explicit ChannelPlacer(Graph& graph) : graph_(graph) {}

  void run() {
    for (const NodeId id : graph_.order()) {
      const Node node = graph_.node(id);
      if (node.domain.empty() && node.op == "QLinearConv" && is_image(node.inputs[0]) &&
          is_image(node.outputs[0])) {
        Node moved = node;
        moved.domain = "com.microsoft";
        moved.attributes.set("channels_last", std::int64_t{1});
        replace(id, std::move(moved), {0});
      } else if (node.domain.empty() && node.op == "MaxPool" && node.outputs.size() == 1 &&
                 has_twin(node, {0}) && holds_bytes(node.inputs[0])) {
        Node moved = node;
        moved.domain = "com.microsoft";
        moved.op = "NhwcMaxPool";
        moved.attributes.erase("storage_order");
        replace(id, std::move(moved), {0});
      } else if (node.domain == "com.microsoft" && node.op == "QLinearAdd" && has_twin(node, {0, 3}) &&
                 graph_.value(node.inputs[0]).type.dims == graph_.value(node.inputs[3]).type.dims) {
        replace(id, node, {0, 3});
      } else if (node.domain.empty() && node.op == "Concat" && holds_bytes(node.inputs[0]) &&
                 std::ranges::all_of(node.inputs, [&](ValueId input) { return twins_.contains(input); })) {
        constexpr std::array<std::int64_t, kRank> kPlaces = {0, 3, 1, 2};
        std::int64_t axis = node.attributes.integer("axis", 0);
        if (axis < 0) axis += kRank;
        Node moved = node;
        moved.attributes.set("axis", kPlaces.at(static_cast<std::size_t>(axis)));
        std::vector<std::size_t> all(node.inputs.size());
        for (std::size_t i = 0; i < all.size(); ++i) all[i] = i;
        replace(id, std::move(moved), all);
      }
    }
    make_images();
  }

 private:
  bool is_image(ValueId value) const {
    const Type& type = graph_.value(value).type;
    return type.is_tensor() && type.dims && type.dims->size() == kRank;
  }
  bool holds_bytes(ValueId value) const { return is_byte(graph_.value(value).type.dtype); }
  // Whether one of these inputs has one.
  bool has_twin(const Node& node, std::initializer_list<std::size_t> inputs) const {
    return std::ranges::any_of(inputs, [&](std::size_t i) { return twins_.contains(node.inputs[i]); });
  }

  ValueId permuted(ValueId value, const Axes& axes) {
    Type type = graph_.value(value).type;
    const Dims before = *type.dims;
    for (std::size_t i = 0; i < kRank; ++i) (*type.dims)[i] = before[static_cast<std::size_t>(axes[i])];
    return graph_.add_value(graph_.value(value).name, type);
  }

  void transpose(ValueId from, ValueId to, const Axes& axes) {
    graph_.add_node({.op = "Transpose", .inputs = {from}, .outputs = {to}, .attributes = {{"perm", axes}}});
  }

  ValueId twin(ValueId value) {
    const auto found = twins_.find(value);
    if (found != twins_.end()) return found->second;
    const ValueId moved = permuted(value, kToLast);
    transpose(value, moved, kToLast);
    twins_.emplace(value, moved);
    return moved;
  }

  // `moved` in the place of node `id`, its `images` and its output with their channels last.
  void replace(NodeId id, Node moved, const std::vector<std::size_t>& images) {
    for (const std::size_t i : images) moved.inputs[i] = twin(moved.inputs[i]);
    const ValueId image = moved.outputs[0];
    const ValueId last = permuted(image, kToLast);
    twins_.emplace(image, last);
    without_maker_.push_back(image);
    moved.outputs = {last};
    graph_.erase_node(id);
    graph_.add_node(std::move(moved));
  }

  void make_images() {
    const std::vector<std::vector<NodeId>> users = graph_.consumers();
    for (const ValueId image : without_maker_)
      if (!users[index(image)].empty() || std::ranges::find(graph_.outputs, image) != graph_.outputs.end())
        transpose(twins_.at(image), image, kToFirst);
  }

  Graph& graph_;
  std::map<ValueId, ValueId> twins_;
  std::vector<ValueId> without_maker_;
};

}  // namespace

void place_channels_last(Graph& graph) {
  ChannelPlacer(graph).run();
}

}  // namespace atlas::cpu
