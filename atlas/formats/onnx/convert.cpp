// Walks graphs and takes each node through the steps of its operator's history.
#include "atlas/formats/onnx/convert.h"

#include <algorithm>

#include "atlas/base/error.h"
#include "atlas/formats/onnx/newer_types.h"
#include "atlas/formats/onnx/op_history.h"
#include "atlas/graph/text_writer.h"

namespace atlas::onnx {
namespace {

// The version that a node's operator had under `opset`. Operators used before they came (optimisers write
// LayerNormalization into files of opset 11) are taken as they first were.
int version_under(const OpHistory& history, std::int64_t opset) {
  int version = history.versions.front().version;
  for (const OpVersion& candidate : history.versions)
    if (candidate.version <= opset) version = candidate.version;
  return version;
}

void upgrade_node(Graph& graph, NodeId id, const Opsets& opsets) {
  const OpHistory* history = find_history(graph.node(id).domain, graph.node(id).op);
  if (history == nullptr) return;
  const auto opset = opsets.find(graph.node(id).domain);
  require(opset != opsets.end(), "the model does not say which version of the operators of '{}' it uses",
          graph.node(id).domain.empty() ? "ai.onnx" : graph.node(id).domain);
  Conversion conversion(graph, id);
  int version = version_under(*history, opset->second);
  while (history != nullptr) {
    const auto next = std::ranges::find_if(
        history->versions, [&](const OpVersion& candidate) { return candidate.version > version; });
    if (next == history->versions.end()) return;
    version = next->version;
    if (next->up != nullptr) next->up(conversion);
    // A step may turn the node into another operator, whose history it then follows.
    history = find_history(graph.node(id).domain, graph.node(id).op);
  }
}

// Cuts the text up to `separator` off the front of `rest`.
std::string_view next_part(std::string_view& rest, char separator) {
  const std::string_view part = rest.substr(0, rest.find(separator));
  rest.remove_prefix(std::min(part.size() + 1, rest.size()));
  return part;
}

// Refuses inputs and outputs of a type that the operator does not take before `version`.
void refuse_newer_types(const Conversion& conversion, const OpHistory& history, int version) {
  std::string_view rest = newer_types(history.domain, history.op, version);
  while (!rest.empty()) {
    std::string_view types = next_part(rest, ';');
    std::string_view places = next_part(types, ':');
    while (!places.empty()) {
      const std::string_view place = next_part(places, ' ');
      if (place.empty()) continue;
      const bool is_input = place.starts_with("in");
      const auto position = static_cast<std::size_t>(place.back() - '0');
      const DType dtype =
          conversion.dtype(is_input ? conversion.input(position) : conversion.output(position));
      if (dtype == DType::Undefined) continue;
      for (std::string_view list = types; !list.empty();)
        if (next_part(list, ' ') == name(dtype))
          conversion.unsupported(fmt::format("{} {} of type {} came with opset {}",
                                             is_input ? "input" : "output", position, name(dtype), version));
    }
  }
}

// Takes back what came with `version`: attributes at their default go, anything else is refused.
void take_back(Conversion& conversion, const OpVersion& version) {
  std::string_view rest = version.added;
  while (!rest.empty()) {
    const std::string_view word = next_part(rest, ' ');
    if (word[0] == '#') {
      const auto position = static_cast<std::size_t>(word[1] - '0');
      for (std::size_t i = position; i < conversion.node().inputs.size(); ++i)
        if (conversion.input(i) != ValueId::None)
          conversion.unsupported(fmt::format("its input {} came with opset {}", i, version.version));
      if (conversion.node().inputs.size() > position) conversion.node().inputs.resize(position);
      continue;
    }
    const std::string_view name = word.substr(0, word.find('='));
    const Attribute* attribute = conversion.attributes().find(name);
    if (attribute == nullptr) continue;
    if (name.size() == word.size() || text(*attribute) != word.substr(name.size() + 1))
      conversion.unsupported(fmt::format("its attribute '{}' came with opset {}", name, version.version));
    conversion.attributes().erase(name);
  }
}

void downgrade_node(Graph& graph, NodeId id, const Opsets& opsets) {
  const OpHistory* history = find_history(graph.node(id).domain, graph.node(id).op);
  if (history == nullptr) return;
  const auto opset = opsets.find(graph.node(id).domain);
  if (opset == opsets.end()) return;
  Conversion conversion(graph, id);
  for (auto version = history->versions.rbegin(); version->version > opset->second; ++version) {
    refuse_newer_types(conversion, *history, version->version);
    if (version->down != nullptr) version->down(conversion);
    take_back(conversion, *version);
    if (std::next(version) != history->versions.rend()) continue;
    // Older than the operator: its first step down made another of it, or there is none.
    if (version->down == nullptr)
      conversion.unsupported(fmt::format("it came with opset {}", version->version));
    return downgrade_node(graph, id, opsets);
  }
}

}  // namespace

const Opsets& newest_opsets() {
  static const Opsets newest = [] {
    Opsets out;
    for (const OpHistory& history : op_histories()) {
      std::int64_t& version = out[std::string(history.domain)];
      version = std::max<std::int64_t>(version, history.versions.back().version);
    }
    return out;
  }();
  return newest;
}

void upgrade(Graph& graph, const Opsets& opsets) {
  for (const auto& [domain, version] : opsets) {
    const auto newest = newest_opsets().find(domain);
    if (newest != newest_opsets().end() && version > newest->second)
      fail(ErrorCode::Unsupported, "version {} of the operators of '{}': the newest that Atlas knows is {}",
           version, domain.empty() ? "ai.onnx" : domain, newest->second);
  }
  const std::size_t node_count = graph.node_count();
  for (std::size_t i = 0; i < node_count; ++i) {
    const NodeId id{static_cast<std::int32_t>(i)};
    within([&] { return describe(graph.node(id)); },
           [&] {
             for_each_subgraph(graph.node(id), [&](Graph& nested) { upgrade(nested, opsets); });
             upgrade_node(graph, id, opsets);
           });
  }
}

void downgrade(Graph& graph, const Opsets& opsets) {
  // Steps may add nodes, which are of the newest version too.
  for (std::size_t i = 0; i < graph.node_count(); ++i) {
    const NodeId id{static_cast<std::int32_t>(i)};
    if (graph.is_erased(id)) continue;
    within([&] { return describe(graph.node(id)); },
           [&] {
             for_each_subgraph(graph.node(id), [&](Graph& nested) { downgrade(nested, opsets); });
             downgrade_node(graph, id, opsets);
           });
  }
}

}  // namespace atlas::onnx
