// `atlas show MODEL`: what a model takes, gives, consists of and costs.
#include <fmt/core.h>
#include <fmt/ranges.h>

#include "atlas/base/error.h"
#include "atlas/base/json.h"
#include "atlas/formats/model_file.h"
#include "atlas/formats/onnx/onnx_reader.h"
#include "atlas/graph/text_writer.h"
#include "atlas/ops/cost_context.h"
#include "atlas/ops/infer.h"
#include "atlas/passes/passes.h"
#include "cli/command_line.h"
#include "cli/model_inputs.h"
#include "cli/model_summary.h"

namespace atlas::cli {
namespace {

constexpr std::size_t kElementsShown = 8;  // of constants, where a node is shown

// "1.23 GB", "7 B", "7"
std::string scaled(double number, const char* unit = "") {
  const char* prefixes[] = {"", "k", "M", "G", "T", "P", "E"};
  std::size_t power = 0;
  while (number >= 1000 && power + 1 < std::size(prefixes)) {
    number /= 1000;
    ++power;
  }
  const std::string digits = power == 0 ? fmt::format("{}", number) : fmt::format("{:.2f}", number);
  const std::string suffix = std::string(prefixes[power]) + unit;
  return suffix.empty() ? digits : digits + " " + suffix;
}

std::vector<std::string> opsets_of(const std::string& path) {
  std::vector<std::string> opsets;
  if (is_text_form(path)) return opsets;
  for (const auto& [domain, version] : read_onnx_header(path).opsets)
    opsets.push_back(fmt::format("{} {}", domain.empty() ? "ai.onnx" : domain, version));
  return opsets;
}

void print_ports(const char* label, const Graph& graph, const std::vector<ValueId>& ids) {
  for (const ValueId id : ids) {
    const Value& value = graph.value(id);
    fmt::print("{:<12} {}: {}{}\n", label, value.name, text(value.type),
               graph.is_input(id) && value.constant.is_defined() ? " (has a default)" : "");
  }
}

void print_summary(const Graph& graph, const ModelSummary& summary, const std::vector<std::string>& opsets) {
  fmt::print("{:<12} {}\n", "graph", graph.name);
  if (!opsets.empty()) fmt::print("{:<12} {}\n", "opset", fmt::join(opsets, ", "));
  print_ports("input", graph, graph.inputs);
  print_ports("output", graph, graph.outputs);
  fmt::print("{:<12} {} in {}\n", "parameters", scaled(static_cast<double>(summary.parameters)),
             scaled(static_cast<double>(summary.parameter_bytes), "B"));
  fmt::print("{:<12} {} of intermediate values at once\n", "memory",
             scaled(static_cast<double>(summary.activation_bytes), "B"));
  fmt::print("{:<12} {} per run, {} read, {} written\n", "operations",
             scaled(summary.cost.total_operations()), scaled(summary.cost.bytes_read, "B"),
             scaled(summary.cost.bytes_written, "B"));
  if (summary.unpriced_nodes > 0)
    fmt::print(
        "{:<12} of {} nodes the shapes are not known: they are not in memory and operations "
        "(--shape fixes inputs)\n",
        "", summary.unpriced_nodes);
  fmt::print("{:<12} {}\n", "nodes", summary.nodes);
  for (const OperatorUse& use : summary.operators)
    fmt::print("  {:<32} {:>6}  {}\n", use.name, use.nodes,
               use.operations > 0 ? scaled(use.operations) + " operations" : "");
}

Json ports_json(const Graph& graph, const std::vector<ValueId>& ids) {
  Json json = Json::array();
  for (const ValueId id : ids)
    json.add(Json::object({{"name", graph.value(id).name}, {"type", text(graph.value(id).type)}}));
  return json;
}

Json to_json(const Graph& graph, const ModelSummary& summary, const std::vector<std::string>& opsets) {
  Json operators = Json::array();
  for (const OperatorUse& use : summary.operators)
    operators.add(Json::object({{"name", use.name}, {"nodes", use.nodes}, {"operations", use.operations}}));
  Json metadata = Json::object();
  for (const auto& [key, value] : graph.metadata) metadata.set(key, value);
  return Json::object({{"graph", graph.name},
                       {"opsets", Json::array_of(opsets)},
                       {"inputs", ports_json(graph, graph.inputs)},
                       {"outputs", ports_json(graph, graph.outputs)},
                       {"nodes", summary.nodes},
                       {"parameters", summary.parameters},
                       {"parameter_bytes", summary.parameter_bytes},
                       {"activation_bytes", summary.activation_bytes},
                       {"operations", summary.cost.total_operations()},
                       {"bytes_read", summary.cost.bytes_read},
                       {"bytes_written", summary.cost.bytes_written},
                       {"unpriced_nodes", summary.unpriced_nodes},
                       {"operators", std::move(operators)},
                       {"metadata", std::move(metadata)}});
}

struct Found {
  const Graph* graph = nullptr;
  NodeId node = NodeId::None;
};

// A node by its name, or by the name of a value that it makes; nested graphs too.
Found find_node(const Graph& graph, const std::string& name) {
  const ValueId value = graph.find(name);
  if (value != ValueId::None && graph.value(value).producer != NodeId::None)
    return {&graph, graph.value(value).producer};
  Found found;
  for (const NodeId id : graph.order()) {
    if (graph.node(id).name == name) return {&graph, id};
    for_each_subgraph(graph.node(id), [&](const Graph& nested) {
      if (found.graph == nullptr) found = find_node(nested, name);
    });
  }
  return found;
}

void print_node_values(const char* label, const Graph& graph, const std::vector<ValueId>& ids) {
  for (const ValueId id : ids) {
    if (id == ValueId::None) {
      fmt::print("  {:<9} (left out)\n", label);
      continue;
    }
    const Value& value = graph.value(id);
    std::string remark;
    if (value.producer != NodeId::None) remark = "from " + describe(graph.node(value.producer));
    if (value.constant.is_defined()) remark = "constant";
    fmt::print("  {:<9} {}: {} {}\n", label, value.name, text(value.type), remark);
  }
}

void print_node(const Graph& graph, NodeId id, const OpRegistry& ops) {
  const Node& node = graph.node(id);
  fmt::print("{}\n", describe(node));
  print_node_values("input", graph, node.inputs);
  for (const auto& [name, attribute] : node.attributes)
    fmt::print("  {:<9} {} = {}\n", "attribute", name, text(attribute, {.elide_above = kElementsShown}));
  print_node_values("output", graph, node.outputs);
  const std::vector<std::vector<NodeId>> consumers = graph.consumers();
  for (const ValueId output : node.outputs)
    if (output != ValueId::None)
      for (const NodeId user : consumers[index(output)])
        fmt::print("  {:<9} {} by {}\n", "used", graph.value(output).name, describe(graph.node(user)));
  if (const std::optional<Cost> cost = cost_of_node(graph, node, ops))
    fmt::print("  {:<9} {} operations, {} read, {} written\n", "cost", scaled(cost->total_operations()),
               scaled(cost->bytes_read, "B"), scaled(cost->bytes_written, "B"));
}

}  // namespace

int show(Arguments arguments) {
  CommandLine line("show", "Tell what a model takes, gives, consists of and costs.");
  std::string path, node;
  bool as_text = false, as_json = false;
  InputOptions inputs;
  line.add_option("MODEL", path, "An ONNX file, or the text form of a graph (.txt)")->required();
  line.add_option("--shape", inputs.shapes, "Fix the dims of an input: NAME=1x3x224x224");
  auto* text_flag = line.add_flag("--text", as_text, "The graph's text form, which can be read back");
  auto* json_flag = line.add_flag("--json", as_json, "As JSON")->excludes(text_flag);
  line.add_option("--node", node, "One node, by its name or that of a value it makes")
      ->excludes(text_flag)
      ->excludes(json_flag);
  if (!line.read(arguments)) return 0;

  Graph graph = load_model(path);
  apply_shapes(graph, inputs);
  if (as_text) {
    fmt::print("{}", write_graph(graph));
    return 0;
  }
  const OpRegistry ops = standard_ops();
  within([&] { return path; },
         [&] {
           inline_functions(graph, ops);
           infer_types(graph, ops);
         });
  if (!node.empty()) {
    const Found found = find_node(graph, node);
    if (found.graph == nullptr) fail(ErrorCode::NotFound, "{}: no node and no value '{}'", path, node);
    print_node(*found.graph, found.node, ops);
    return 0;
  }
  const ModelSummary summary = summarize(graph, ops);
  if (as_json)
    fmt::print("{}", to_json(graph, summary, opsets_of(path)).text());
  else
    print_summary(graph, summary, opsets_of(path));
  return 0;
}

}  // namespace atlas::cli
