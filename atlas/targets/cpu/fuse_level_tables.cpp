// What lies between a quantised tensor and the next, where each element depends on one level alone, is
// computed once for each of the 256 levels.
#include <algorithm>
#include <array>
#include <map>
#include <numeric>
#include <optional>
#include <set>

#include "atlas/graph/match.h"
#include "atlas/ops/infer.h"
#include "atlas/ops/interpreter.h"
#include "atlas/targets/cpu/lowering.h"
#include "atlas/targets/cpu/quantized_inputs.h"

namespace atlas::cpu {
namespace {

constexpr std::int64_t kLevels = 256;
constexpr std::size_t kLongest = 64;  // nodes one behind the other: models of strangers may have a million

// Each element of the result is a function of the elements there and of nothing else.
constexpr std::array kElementwise = {
    std::string_view("Abs"),       std::string_view("Add"),      std::string_view("Clip"),
    std::string_view("Div"),       std::string_view("Elu"),      std::string_view("Erf"),
    std::string_view("Exp"),       std::string_view("Gelu"),     std::string_view("HardSigmoid"),
    std::string_view("HardSwish"), std::string_view("Identity"), std::string_view("LeakyRelu"),
    std::string_view("Log"),       std::string_view("Max"),      std::string_view("Min"),
    std::string_view("Mish"),      std::string_view("Mul"),      std::string_view("Neg"),
    std::string_view("Pow"),       std::string_view("Relu"),     std::string_view("Sigmoid"),
    std::string_view("Softplus"),  std::string_view("Sqrt"),     std::string_view("Sub"),
    std::string_view("Swish"),     std::string_view("Tanh"),     std::string_view("Reciprocal"),
};

// The nodes between one quantised tensor and the next.
struct Chain {
  ValueId root = ValueId::None;
  std::set<NodeId> nodes;
};

class TableFuser {
 public:
  TableFuser(Graph& graph, const OpRegistry& ops) : graph_(graph), ops_(ops), match_(graph) {}

  void fuse(NodeId id) {
    const Node& last = graph_.node(id);
    if (!is_quantize(last) || !is_byte(graph_.value(last.outputs[0]).type.dtype)) return;
    Chain chain;
    // Two nodes are a change of scale alone, which the operators on both sides may do themselves.
    if (!collect(last, kLongest, chain) || chain.root == ValueId::None || chain.nodes.size() < 3) return;
    const Type &from = graph_.value(chain.root).type, &to = graph_.value(last.outputs[0]).type;
    if (!from.dims || !to.dims || *from.dims != *to.dims) return;
    Tensor table = evaluate(chain, last);
    const std::string name = last.name;
    const ValueId out = last.outputs[0];
    graph_.erase_node(id);
    const ValueId entries = graph_.add_constant(name + "/table", std::move(table));
    graph_.add_node({"atlas", "LevelTable", name, {chain.root, entries}, {out}, {}});
  }

 private:
  bool has_numbers(const Node& node, std::size_t first) const {
    for (std::size_t i = first; i < node.inputs.size(); ++i)
      if (node.inputs[i] != ValueId::None && !match_.number(node.inputs[i])) return false;
    return true;
  }
  bool is_quantize(const Node& node) const {
    return node.domain.empty() && node.op == "QuantizeLinear" && has_numbers(node, 1);
  }

  bool collect(const Node& node, std::size_t steps_left, Chain& chain) const {
    if (steps_left == 0) return false;
    const bool is_dequantize = node.domain.empty() && node.op == "DequantizeLinear" && has_numbers(node, 1);
    const bool is_elementwise =
        node.domain.empty() && std::ranges::find(kElementwise, node.op) != kElementwise.end();
    if (!is_dequantize && !is_elementwise && !is_quantize(node)) return false;
    for (const ValueId input : node.inputs) {
      if (input == ValueId::None || match_.number(input)) continue;
      const NodeId producer = graph_.value(input).producer;
      if (producer != NodeId::None && chain.nodes.contains(producer)) continue;
      Chain further = chain;
      if (producer != NodeId::None && collect(graph_.node(producer), steps_left - 1, further)) {
        chain = std::move(further);
        continue;
      }
      // A chain begins with levels that something else makes.
      if (!is_dequantize || !is_byte(graph_.value(input).type.dtype) || graph_.is_constant(input) ||
          (chain.root != ValueId::None && chain.root != input))
        return false;
      chain.root = input;
    }
    chain.nodes.insert(match_.maker_id(node.outputs[0]));
    return true;
  }

  // The results for the levels 0 to 255 as bytes: signed ones follow the others.
  Tensor evaluate(const Chain& chain, const Node& last) const {
    Graph graph;
    std::map<ValueId, ValueId> inner;
    const DType dtype = graph_.value(chain.root).type.dtype;
    inner[chain.root] = graph.add_input("levels", Type::tensor(dtype, dims_of({kLevels})));
    for (const NodeId id : graph_.order()) {
      if (!chain.nodes.contains(id)) continue;
      Node node = graph_.node(id);
      for (ValueId& input : node.inputs) {
        if (input == ValueId::None) continue;
        if (!inner.contains(input)) inner[input] = graph.add_constant("", graph_.value(input).constant);
        input = inner.at(input);
      }
      for (ValueId& output : node.outputs) {
        if (output == ValueId::None) continue;
        const ValueId made = graph.add_value("");
        inner[output] = made;
        output = made;
      }
      graph.add_node(std::move(node));
    }
    graph.outputs = {inner.at(last.outputs[0])};
    infer_types(graph, ops_);
    Tensor levels(dtype, {kLevels});
    auto* bytes = static_cast<std::uint8_t*>(levels.raw_mutable());
    std::iota(bytes, bytes + kLevels, std::uint8_t{0});
    return interpret(graph, ops_, std::vector<Datum>{levels})[0].tensor();
  }

  Graph& graph_;
  const OpRegistry& ops_;
  Matcher match_;
};

}  // namespace

void fuse_level_tables(Graph& graph, const OpRegistry& ops) {
  TableFuser fuser(graph, ops);
  // The last first: a chain through several quantised tensors becomes one table.
  const std::vector<NodeId> order = graph.order();
  for (auto id = order.rbegin(); id != order.rend(); ++id) fuser.fuse(*id);
}

}  // namespace atlas::cpu
