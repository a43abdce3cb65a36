// One walk over a graph and its nested graphs, each rule a function.
#include "atlas/graph/verify.h"

#include <algorithm>
#include <functional>
#include <set>
#include <unordered_set>

#include "atlas/base/error.h"

namespace atlas {
namespace {

using Names = std::set<std::string, std::less<>>;

struct Context {
  const Graph* outer = nullptr;       // of a nested graph
  const Names* parameters = nullptr;  // of the function whose body this is part of
};

std::string of(const Graph& graph) {
  return "graph '" + graph.name + "'";
}

void check_id(const Graph& graph, ValueId id, const std::string& user) {
  if (id < ValueId{0} || index(id) >= graph.value_count())
    fail(ErrorCode::InvalidArgument, "{}: {} refers to value {} of {}", of(graph), user, static_cast<int>(id),
         graph.value_count());
}

void check_ranges(const Graph& graph) {
  for (const ValueId id : graph.inputs) check_id(graph, id, "an input");
  for (const ValueId id : graph.outputs) check_id(graph, id, "an output");
  for (const Capture& capture : graph.captures) check_id(graph, capture.inner, "a capture");
  for (std::size_t i = 0; i < graph.node_count(); ++i) {
    const Node& node = graph.node(NodeId{static_cast<std::int32_t>(i)});
    const auto check = [&](ValueId id) {
      if (id != ValueId::None) check_id(graph, id, describe(node));
    };
    std::ranges::for_each(node.inputs, check);
    std::ranges::for_each(node.outputs, check);
    for_each_subgraph(node, [&](const Graph& nested) {
      for (const Capture& capture : nested.captures) check_id(graph, capture.outer, describe(node));
    });
  }
}

void check_names(const Graph& graph) {
  for (std::size_t i = 0; i < graph.value_count(); ++i) {
    const ValueId id{static_cast<std::int32_t>(i)};
    require(graph.find(graph.value(id).name) == id, "{}: two values bear the name '{}'", of(graph),
            graph.value(id).name);
  }
}

void check_constant(const Graph& graph, const Value& value) {
  const Type of_tensor = Type::tensor(value.constant.dtype(), dims_of(value.constant.shape()));
  unify(value.type, of_tensor, fmt::format("{}: constant '{}'", of(graph), value.name));
}

// Marks what defines each value; at most one thing may, but a default for an input.
std::vector<bool> check_origins(const Graph& graph) {
  std::vector<bool> defined(graph.value_count(), false);
  const auto define = [&](ValueId id, const std::string& by) {
    require(!defined[index(id)], "{}: {} defines '{}', which is defined already", of(graph), by,
            graph.value(id).name);
    defined[index(id)] = true;
  };
  for (const ValueId id : graph.inputs) define(id, "an input");
  for (std::size_t i = 0; i < graph.value_count(); ++i) {
    const ValueId id{static_cast<std::int32_t>(i)};
    const Value& value = graph.value(id);
    if (!value.constant.is_defined()) continue;
    check_constant(graph, value);
    if (!defined[i]) define(id, "a constant");
  }
  for (const Capture& capture : graph.captures) define(capture.inner, "a capture");
  for (std::size_t i = 0; i < graph.node_count(); ++i) {
    const NodeId node_id{static_cast<std::int32_t>(i)};
    for (const ValueId id : graph.node(node_id).outputs) {
      if (id == ValueId::None) continue;
      define(id, describe(graph.node(node_id)));
      require(graph.value(id).producer == node_id, "{}: '{}' does not know its producer {}", of(graph),
              graph.value(id).name, describe(graph.node(node_id)));
    }
  }
  for (std::size_t i = 0; i < graph.value_count(); ++i) {
    const Value& value = graph.value(ValueId{static_cast<std::int32_t>(i)});
    if (value.producer == NodeId::None) continue;
    const bool known =
        index(value.producer) < graph.node_count() &&
        std::ranges::count(graph.node(value.producer).outputs, ValueId{static_cast<std::int32_t>(i)}) == 1;
    require(known, "{}: '{}' names a producer that does not make it", of(graph), value.name);
  }
  return defined;
}

void check_uses(const Graph& graph, const std::vector<bool>& defined) {
  const auto check = [&](ValueId id, const std::string& user) {
    require(defined[index(id)], "{}: {} uses '{}', which nothing defines", of(graph), user,
            graph.value(id).name);
  };
  for (std::size_t i = 0; i < graph.node_count(); ++i) {
    const Node& node = graph.node(NodeId{static_cast<std::int32_t>(i)});
    for (const ValueId id : uses(node)) check(id, describe(node));
  }
  for (const ValueId id : graph.outputs) check(id, "an output");
}

void check_references(const Graph& graph, const Node& node, const Context& context) {
  for (const auto& [name, attribute] : node.attributes) {
    const auto* reference = std::get_if<AttributeReference>(&attribute);
    if (reference == nullptr) continue;
    require(context.parameters != nullptr, "{}: {}: attribute '{}' is a reference outside a function",
            of(graph), describe(node), name);
    require(context.parameters->contains(reference->name),
            "{}: {}: attribute '{}' refers to '{}', which the function does not have", of(graph),
            describe(node), name, reference->name);
  }
}

void check_graph(const Graph& graph, const Context& context) {
  check_ranges(graph);
  check_names(graph);
  check_uses(graph, check_origins(graph));
  graph.order();
  require(context.outer != nullptr || graph.captures.empty(), "{}: only a nested graph can capture",
          of(graph));
  for (std::size_t i = 0; i < graph.node_count(); ++i) {
    const Node& node = graph.node(NodeId{static_cast<std::int32_t>(i)});
    check_references(graph, node, context);
    for_each_subgraph(node, [&](const Graph& nested) {
      require(nested.functions.empty() && nested.metadata.empty(),
              "{}: {}: functions and metadata belong to the top graph", of(graph), describe(node));
      check_graph(nested, {&graph, context.parameters});
    });
  }
}

using FunctionKey = std::tuple<std::string, std::string, std::string>;

void visit_calls(const Graph& graph, const std::function<void(const FunctionKey&)>& visit) {
  for (std::size_t i = 0; i < graph.node_count(); ++i) {
    const Node& node = graph.node(NodeId{static_cast<std::int32_t>(i)});
    visit({node.domain, node.op, node.overload});
    for_each_subgraph(node, [&](const Graph& nested) { visit_calls(nested, visit); });
  }
}

void check_functions(const Graph& graph) {
  std::map<FunctionKey, const Function*> functions;
  for (const Function& function : graph.functions) {
    const bool fresh =
        functions.try_emplace({function.domain, function.name, function.overload}, &function).second;
    require(fresh, "{}: function {}::{} is defined twice", of(graph), function.domain, function.name);
    Names parameters(function.required_attributes.begin(), function.required_attributes.end());
    for (const auto& entry : function.attributes) parameters.insert(entry.first);
    require(function.body.functions.empty() && function.body.metadata.empty(),
            "{}: functions and metadata belong to the top graph", of(function.body));
    check_graph(function.body, {nullptr, &parameters});
  }
  // Strip, again and again, the functions that call none of those left: what stays calls itself.
  std::map<FunctionKey, std::set<FunctionKey>> calls;
  for (const auto& [key, function] : functions) {
    std::set<FunctionKey>& called = calls[key];
    visit_calls(function->body, [&](const FunctionKey& callee) {
      if (functions.contains(callee)) called.insert(callee);
    });
  }
  while (!calls.empty()) {
    const std::size_t before = calls.size();
    std::erase_if(calls, [&](const auto& entry) {
      return std::ranges::none_of(entry.second, [&](const FunctionKey& key) { return calls.contains(key); });
    });
    require(calls.size() < before, "{}: function {}::{} calls itself", of(graph),
            std::get<0>(calls.begin()->first), std::get<1>(calls.begin()->first));
  }
}

}  // namespace

void verify(const Graph& graph) {
  check_graph(graph, {});
  check_functions(graph);
}

}  // namespace atlas
