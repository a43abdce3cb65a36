// Calls of a model's own functions give way to the functions' bodies.
#include <map>

#include "atlas/base/error.h"
#include "atlas/passes/passes.h"

namespace atlas {
namespace {

constexpr int kMaxDepth = 64;
constexpr std::size_t kMaxNodes = 1u << 18;  // functions that call each other twice grow without end

// Gives every AttributeReference of a node, and of its nested graphs, the value that the call has for it.
void substitute(Node& node, const Attributes& call, const Function& function) {
  std::vector<std::string> absent;
  for (auto& [name, attribute] : node.attributes) {
    const auto* reference = std::get_if<AttributeReference>(&attribute);
    if (reference == nullptr) continue;
    const Attribute* value = call.find(reference->name);
    if (value == nullptr) value = function.attributes.find(reference->name);
    if (value != nullptr) {
      attribute = Attribute(*value);
    } else {
      absent.push_back(name);
    }
  }
  for (const std::string& name : absent) node.attributes.erase(name);
  for_each_subgraph(node, [&](Graph& graph) {
    for (std::size_t i = 0; i < graph.node_count(); ++i)
      substitute(graph.node(NodeId{static_cast<int>(i)}), call, function);
  });
}

// What stands for the outputs of calls, applied in one walk over the graph instead of one for each call.
class Replacements {
 public:
  void add(ValueId from, ValueId to) { to_[from] = to; }

  ValueId now(ValueId id) const {
    for (auto at = to_.find(id); at != to_.end(); at = to_.find(id)) id = at->second;
    return id;
  }

  void apply(Graph& graph) const {
    for (std::size_t i = 0; i < graph.node_count(); ++i) {
      Node& node = graph.node(NodeId{static_cast<std::int32_t>(i)});
      for (ValueId& input : node.inputs) input = now(input);
      for_each_subgraph(node, [&](Graph& nested) {
        for (Capture& capture : nested.captures) capture.outer = now(capture.outer);
      });
    }
    for (ValueId& output : graph.outputs) output = now(output);
  }

 private:
  std::map<ValueId, ValueId> to_;
};

class Inliner {
 public:
  explicit Inliner(const Graph& top) {
    for (const Function& function : top.functions) functions_[{function.domain, function.name}] = &function;
  }

  bool run(Graph& graph, int depth) {
    bool changed = false;
    // Inlined nodes are appended, so calls inside a body are met later in the same loop.
    std::vector<int> depths(graph.node_count(), depth);
    Replacements replaced;
    for (std::size_t i = 0; i < graph.node_count(); ++i) {
      const NodeId id{static_cast<std::int32_t>(i)};
      if (graph.is_erased(id)) continue;
      const auto found = functions_.find({graph.node(id).domain, graph.node(id).op});
      if (found != functions_.end()) {
        require(depths[i] < kMaxDepth, "{}: functions call each other deeper than {}",
                describe(graph.node(id)), kMaxDepth);
        require(graph.node_count() < kMaxNodes, "graph '{}': inlining its functions gives more than {} nodes",
                graph.name, kMaxNodes);
        inline_call(graph, id, *found->second, replaced);
        depths.resize(graph.node_count(), depths[i] + 1);
        changed = true;
      } else {
        for_each_subgraph(graph.node(id),
                          [&](Graph& nested) { changed = run(nested, depths[i]) || changed; });
      }
    }
    if (changed) replaced.apply(graph);
    return changed;
  }

 private:
  static void inline_call(Graph& graph, NodeId id, const Function& function, Replacements& replaced) {
    Node call = graph.node(id);
    for (ValueId& input : call.inputs) input = replaced.now(input);
    const Graph& body = function.body;
    require(call.inputs.size() <= body.inputs.size() && call.outputs.size() <= body.outputs.size(),
            "{}: has more inputs or outputs than its function", describe(call));
    for (const std::string& name : function.required_attributes)
      require(call.attributes.has(name), "{}: expected attribute '{}'", describe(call), name);
    graph.erase_node(id);

    std::vector<ValueId> moved(body.value_count(), ValueId::None);
    std::vector<bool> is_input(body.value_count(), false);
    for (std::size_t i = 0; i < body.inputs.size(); ++i) {
      is_input[index(body.inputs[i])] = true;
      if (i < call.inputs.size()) moved[index(body.inputs[i])] = call.inputs[i];
    }
    const std::string prefix = call.name.empty() ? function.name : call.name;
    for (std::size_t i = 0; i < body.value_count(); ++i) {
      const Value& value = body.value(ValueId{static_cast<std::int32_t>(i)});
      if (is_input[i]) continue;
      moved[i] = graph.add_value(prefix + "/" + value.name, value.type);
      graph.value(moved[i]).constant = value.constant;
    }
    const auto move_all = [&](std::vector<ValueId>& ids) {
      for (ValueId& v : ids)
        if (v != ValueId::None) v = moved[index(v)];
    };
    for (const NodeId inner : body.order()) {
      Node node = body.node(inner);
      substitute(node, call.attributes, function);
      move_all(node.inputs);
      move_all(node.outputs);
      for_each_subgraph(node, [&](Graph& nested) {
        for (Capture& capture : nested.captures) capture.outer = moved[index(capture.outer)];
      });
      node.name = prefix + "/" + node.name;
      graph.add_node(std::move(node));
    }
    for (std::size_t i = 0; i < call.outputs.size(); ++i) {
      const ValueId from = call.outputs[i];
      if (from == ValueId::None) continue;
      const ValueId to = moved[index(body.outputs[i])];
      require(to != ValueId::None, "{}: output {} is an input of its function that the call leaves out",
              describe(call), i);
      replaced.add(from, to);
      // The caller knows the output by its name.
      const std::string name = graph.value(from).name;
      if (graph.value(to).producer == NodeId::None || graph.is_input(to)) continue;
      graph.rename(from, name + "/call");
      graph.rename(to, name);
    }
  }

  std::map<std::pair<std::string, std::string>, const Function*> functions_;
};

}  // namespace

bool inline_functions(Graph& graph, const OpRegistry&) {
  if (graph.functions.empty()) return false;
  const std::vector<Function> functions = std::move(graph.functions);
  graph.functions.clear();
  Graph holder;
  holder.functions = functions;
  Inliner(holder).run(graph, 0);
  return true;
}

}  // namespace atlas
