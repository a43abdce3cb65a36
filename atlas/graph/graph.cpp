// Edits of graphs that keep producers, names and captures in step.
#include "atlas/graph/graph.h"

#include <algorithm>
#include <queue>

#include "atlas/base/error.h"

namespace atlas {

Graph::Graph() = default;
Graph::Graph(const Graph&) = default;
Graph::Graph(Graph&&) noexcept = default;
Graph& Graph::operator=(const Graph&) = default;
Graph& Graph::operator=(Graph&&) noexcept = default;
Graph::~Graph() = default;

std::string Graph::unique_name(std::string wanted) const {
  if (wanted.empty()) wanted = "v" + std::to_string(values_.size());
  if (!by_name_.contains(wanted)) return wanted;
  for (std::size_t i = values_.size();; ++i) {
    std::string candidate = wanted + "_" + std::to_string(i);
    if (!by_name_.contains(candidate)) return candidate;
  }
}

ValueId Graph::add_value(std::string wanted, Type type) {
  const ValueId id{static_cast<std::int32_t>(values_.size())};
  std::string unique = unique_name(std::move(wanted));
  by_name_.emplace(unique, id);
  values_.push_back({std::move(unique), std::move(type), NodeId::None, {}});
  return id;
}

ValueId Graph::add_input(std::string wanted, Type type) {
  inputs.push_back(add_value(std::move(wanted), std::move(type)));
  return inputs.back();
}

ValueId Graph::add_constant(std::string wanted, Tensor tensor) {
  const ValueId id = add_value(std::move(wanted), Type::tensor(tensor.dtype(), dims_of(tensor.shape())));
  value(id).constant = std::move(tensor);
  return id;
}

NodeId Graph::add_node(Node node) {
  const NodeId id{static_cast<std::int32_t>(nodes_.size())};
  for (const ValueId output : node.outputs) {
    if (output == ValueId::None) continue;
    Value& made = value(output);
    require(made.producer == NodeId::None && !made.constant.is_defined() && !is_input(output),
            "{}: its output '{}' is already defined elsewhere", describe(node), made.name);
    made.producer = id;
  }
  nodes_.push_back(std::move(node));
  return id;
}

void Graph::erase_node(NodeId id) {
  for (const ValueId output : node(id).outputs)
    if (output != ValueId::None) value(output).producer = NodeId::None;
  node(id) = Node();
}

void Graph::replace_uses(ValueId from, ValueId to) {
  for (Node& node : nodes_) {
    std::ranges::replace(node.inputs, from, to);
    for_each_subgraph(node, [&](Graph& graph) {
      for (Capture& capture : graph.captures)
        if (capture.outer == from) capture.outer = to;
    });
  }
  std::ranges::replace(outputs, from, to);
}

ValueId Graph::capture(ValueId outer, std::string wanted, Type type) {
  for (const Capture& existing : captures)
    if (existing.outer == outer) return existing.inner;
  const ValueId inner = add_value(std::move(wanted), std::move(type));
  captures.push_back({outer, inner});
  return inner;
}

void Graph::rename(ValueId id, std::string wanted) {
  if (value(id).name == wanted) return;
  by_name_.erase(value(id).name);
  value(id).name = unique_name(std::move(wanted));
  by_name_.emplace(value(id).name, id);
}

ValueId Graph::find(std::string_view wanted) const {
  const auto found = by_name_.find(std::string(wanted));
  return found == by_name_.end() ? ValueId::None : found->second;
}

bool Graph::is_input(ValueId id) const {
  return std::ranges::find(inputs, id) != inputs.end();
}

bool Graph::is_constant(ValueId id) const {
  return value(id).constant.is_defined() && !is_input(id);
}

std::vector<ValueId> uses(const Node& node) {
  std::vector<ValueId> out;
  for (const ValueId input : node.inputs)
    if (input != ValueId::None) out.push_back(input);
  for_each_subgraph(node, [&](const Graph& graph) {
    for (const Capture& capture : graph.captures) out.push_back(capture.outer);
  });
  return out;
}

std::vector<NodeId> Graph::order() const {
  std::vector<int> missing(nodes_.size(), 0);
  std::vector<std::vector<NodeId>> waiting(nodes_.size());
  std::priority_queue<NodeId, std::vector<NodeId>, std::greater<>> ready;
  std::size_t alive = 0;
  for (std::size_t i = 0; i < nodes_.size(); ++i) {
    const NodeId id{static_cast<std::int32_t>(i)};
    if (is_erased(id)) continue;
    ++alive;
    for (const ValueId used : uses(nodes_[i])) {
      const NodeId producer = value(used).producer;
      if (producer == NodeId::None) continue;
      ++missing[i];
      waiting[index(producer)].push_back(id);
    }
    if (missing[i] == 0) ready.push(id);
  }
  std::vector<NodeId> out;
  while (!ready.empty()) {
    out.push_back(ready.top());
    ready.pop();
    for (const NodeId next : waiting[index(out.back())])
      if (--missing[index(next)] == 0) ready.push(next);
  }
  if (out.size() != alive) {
    const auto stuck = std::ranges::find_if(missing, [](int count) { return count > 0; });
    fail(ErrorCode::InvalidArgument, "graph '{}': {} is part of a cycle", name,
         describe(nodes_[static_cast<std::size_t>(stuck - missing.begin())]));
  }
  return out;
}

std::vector<std::vector<NodeId>> Graph::consumers() const {
  std::vector<std::vector<NodeId>> out(values_.size());
  for (std::size_t i = 0; i < nodes_.size(); ++i) {
    const NodeId id{static_cast<std::int32_t>(i)};
    for (const ValueId used : uses(nodes_[i])) {
      std::vector<NodeId>& list = out[index(used)];
      if (list.empty() || list.back() != id) list.push_back(id);
    }
  }
  return out;
}

void Graph::compact() {
  const std::vector<NodeId> sorted = order();
  std::vector<bool> used(values_.size(), false);
  const auto mark = [&](ValueId id) {
    if (id != ValueId::None) used[index(id)] = true;
  };
  for (const NodeId id : sorted) {
    for (const ValueId v : uses(node(id))) mark(v);
    for (const ValueId v : node(id).outputs) mark(v);
  }
  for (const ValueId v : inputs) mark(v);
  for (const ValueId v : outputs) mark(v);
  std::erase_if(captures, [&](const Capture& capture) { return !used[index(capture.inner)]; });

  std::vector<ValueId> moved(values_.size(), ValueId::None);
  std::vector<Value> values;
  by_name_.clear();
  for (std::size_t i = 0; i < values_.size(); ++i) {
    if (!used[i]) continue;
    moved[i] = ValueId{static_cast<std::int32_t>(values.size())};
    by_name_.emplace(values_[i].name, moved[i]);
    values.push_back(std::move(values_[i]));
    values.back().producer = NodeId::None;
  }
  const auto move_all = [&](std::vector<ValueId>& ids) {
    for (ValueId& id : ids)
      if (id != ValueId::None) id = moved[index(id)];
  };
  std::vector<Node> nodes;
  for (const NodeId id : sorted) {
    Node& kept = nodes.emplace_back(std::move(node(id)));
    move_all(kept.inputs);
    move_all(kept.outputs);
    for_each_subgraph(kept, [&](Graph& graph) {
      for (Capture& capture : graph.captures) capture.outer = moved[index(capture.outer)];
    });
    for (const ValueId output : kept.outputs)
      if (output != ValueId::None)
        values[index(output)].producer = NodeId{static_cast<std::int32_t>(nodes.size() - 1)};
  }
  move_all(inputs);
  move_all(outputs);
  for (Capture& capture : captures) capture.inner = moved[index(capture.inner)];
  nodes_ = std::move(nodes);
  values_ = std::move(values);
}

std::string describe(const Node& node) {
  std::string out = node.domain.empty() ? node.op : node.domain + "::" + node.op;
  if (!node.name.empty()) out += " '" + node.name + "'";
  return out;
}

}  // namespace atlas
