// Two maps by name, walked side by side.
#include "atlas/graph/graph_diff.h"

#include <fmt/core.h>

#include <map>

#include "atlas/graph/text_writer.h"

namespace atlas {
namespace {

constexpr std::size_t kElementsShown = 8;  // of attributes

std::string join(std::vector<std::string> parts) {
  std::string out;
  for (const std::string& part : parts) out += (out.empty() ? "" : ", ") + part;
  return out;
}

std::vector<std::string> names(const Graph& graph, const std::vector<ValueId>& ids) {
  std::vector<std::string> out;
  for (const ValueId id : ids) out.push_back(id == ValueId::None ? "_" : graph.value(id).name);
  return out;
}

// Names that several nodes share are told apart by their order.
std::map<std::string, NodeId> nodes_by_name(const Graph& graph) {
  std::map<std::string, NodeId> out;
  for (const NodeId id : graph.order()) {
    const Node& node = graph.node(id);
    std::string name = node.name;
    for (std::size_t i = 0; name.empty() && i < node.outputs.size(); ++i)
      if (node.outputs[i] != ValueId::None) name = graph.value(node.outputs[i]).name;
    std::string unique = name;
    for (int i = 2; out.contains(unique); ++i) unique = fmt::format("{} ({})", name, i);
    out.emplace(unique, id);
  }
  return out;
}

std::map<std::string, ValueId> by_name(const Graph& graph, const std::vector<ValueId>& ids) {
  std::map<std::string, ValueId> out;
  for (const ValueId id : ids) out.emplace(graph.value(id).name, id);
  return out;
}

std::map<std::string, ValueId> constants_by_name(const Graph& graph) {
  std::map<std::string, ValueId> out;
  for (std::size_t i = 0; i < graph.value_count(); ++i) {
    const ValueId id{static_cast<std::int32_t>(i)};
    if (graph.value(id).constant.is_defined()) out.emplace(graph.value(id).name, id);
  }
  return out;
}

std::string shown(const Attribute* attribute) {
  return attribute ? text(*attribute, {.elide_above = kElementsShown}) : "nothing";
}

std::string node_change(const Graph& before, const Node& a, const Graph& after, const Node& b) {
  std::vector<std::string> parts;
  const auto differs = [&](const std::string& what, const std::string& from, const std::string& to) {
    if (from != to) parts.push_back(fmt::format("{} {} -> {}", what, from, to));
  };
  const auto full_name = [](const Node& node) {
    return node.domain.empty() ? node.op : node.domain + "::" + node.op;
  };
  differs("operator", full_name(a), full_name(b));
  differs("inputs", join(names(before, a.inputs)), join(names(after, b.inputs)));
  differs("outputs", join(names(before, a.outputs)), join(names(after, b.outputs)));
  for (const auto& [name, attribute] : a.attributes) {
    const Attribute* other = b.attributes.find(name);
    // The whole text decides, since what is shown leaves out most of a large tensor.
    if (other == nullptr || text(attribute) != text(*other))
      parts.push_back(fmt::format("{} {} -> {}", name, shown(&attribute), shown(other)));
  }
  for (const auto& [name, attribute] : b.attributes)
    if (!a.attributes.has(name)) parts.push_back(fmt::format("{} nothing -> {}", name, shown(&attribute)));
  return join(parts);
}

// Calls with ids, None for a name that one side lacks.
template <typename Id, typename Visit>
void side_by_side(const std::map<std::string, Id>& before, const std::map<std::string, Id>& after,
                  Visit&& visit) {
  for (const auto& [name, id] : before) {
    const auto found = after.find(name);
    visit(name, id, found == after.end() ? Id::None : found->second);
  }
  for (const auto& [name, id] : after)
    if (!before.contains(name)) visit(name, Id::None, id);
}

class Differ {
 public:
  Differ(const Graph& before, const Graph& after) : before_(before), after_(after) {}

  GraphDiff run() {
    ports("input", before_.inputs, after_.inputs);
    ports("output", before_.outputs, after_.outputs);
    side_by_side(nodes_by_name(before_), nodes_by_name(after_),
                 [&](const std::string& name, NodeId a, NodeId b) {
                   if (a == NodeId::None)
                     return add(Change::Kind::Added, "node", name, describe(after_.node(b)));
                   if (b == NodeId::None)
                     return add(Change::Kind::Removed, "node", name, describe(before_.node(a)));
                   const std::string change = node_change(before_, before_.node(a), after_, after_.node(b));
                   if (!change.empty()) return add(Change::Kind::Changed, "node", name, change);
                   ++diff_.same_nodes;
                 });
    side_by_side(constants_by_name(before_), constants_by_name(after_),
                 [&](const std::string& name, ValueId a, ValueId b) { constant(name, a, b); });
    return std::move(diff_);
  }

 private:
  void add(Change::Kind kind, const std::string& what, const std::string& name, const std::string& detail) {
    diff_.changes.push_back({kind, what, name, detail});
  }

  void ports(const std::string& what, const std::vector<ValueId>& before, const std::vector<ValueId>& after) {
    side_by_side(by_name(before_, before), by_name(after_, after),
                 [&](const std::string& name, ValueId a, ValueId b) {
                   if (a == ValueId::None)
                     return add(Change::Kind::Added, what, name, text(after_.value(b).type));
                   if (b == ValueId::None)
                     return add(Change::Kind::Removed, what, name, text(before_.value(a).type));
                   const std::string from = text(before_.value(a).type), to = text(after_.value(b).type);
                   if (from != to) add(Change::Kind::Changed, what, name, fmt::format("{} -> {}", from, to));
                 });
  }

  void constant(const std::string& name, ValueId a, ValueId b) {
    if (a == ValueId::None) return add(Change::Kind::Added, "constant", name, text(after_.value(b).constant));
    if (b == ValueId::None)
      return add(Change::Kind::Removed, "constant", name, text(before_.value(a).constant));
    const Tensor& before = before_.value(a).constant;
    const Tensor& after = after_.value(b).constant;
    if (identical(before, after))
      ++diff_.same_constants;
    else
      diff_.constants.push_back({name, before, after});
  }

  const Graph& before_;
  const Graph& after_;
  GraphDiff diff_;
};

}  // namespace

GraphDiff diff_graphs(const Graph& before, const Graph& after) {
  return Differ(before, after).run();
}

}  // namespace atlas
