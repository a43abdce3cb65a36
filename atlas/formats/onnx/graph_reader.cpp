// Names become ids: all definitions of a graph first, then its nodes, so that nested graphs see everything.
#include "atlas/formats/onnx/graph_reader.h"

#include <unordered_set>
#include <vector>

#include "atlas/base/error.h"
#include "atlas/formats/onnx/attribute_kind.h"
#include "atlas/formats/onnx/tensor_reader.h"
#include "atlas/formats/onnx/type_reader.h"
#include "atlas/formats/onnx/wire.h"
#include "atlas/graph/text_parser.h"

namespace atlas::onnx {
namespace {

// An AttributeProto before its kind is known.
struct AttributeFields {
  std::string name;
  std::string reference;
  AttributeKind kind = AttributeKind::Undefined;
  AttributeKind seen = AttributeKind::Undefined;  // by the field that holds a value: old files name no kind
  float real = 0;
  std::int64_t integer = 0;
  std::string_view bytes;
  std::vector<float> reals;
  std::vector<std::int64_t> integers;
  std::vector<std::string_view> list;
};

AttributeFields read_attribute_fields(std::string_view proto) {
  AttributeFields out;
  const auto nested = [&](Message& message, AttributeKind kind) {
    out.bytes = message.bytes();
    out.seen = kind;
  };
  const auto listed = [&](Message& message, AttributeKind kind) {
    out.list.push_back(message.bytes());
    out.seen = kind;
  };
  for (Message message(proto); message.next();) {
    switch (message.field()) {
      case 1:
        out.name = message.text();
        break;
      case 2:
        out.real = message.real();
        out.seen = AttributeKind::Float;
        break;
      case 3:
        out.integer = message.integer();
        out.seen = AttributeKind::Int;
        break;
      case 4:
        nested(message, AttributeKind::String);
        break;
      case 5:
        nested(message, AttributeKind::Tensor);
        break;
      case 6:
        nested(message, AttributeKind::Graph);
        break;
      case 7:
        message.append(out.reals);
        out.seen = AttributeKind::Floats;
        break;
      case 8:
        message.append(out.integers);
        out.seen = AttributeKind::Ints;
        break;
      case 9:
        listed(message, AttributeKind::Strings);
        break;
      case 10:
        listed(message, AttributeKind::Tensors);
        break;
      case 11:
        listed(message, AttributeKind::Graphs);
        break;
      case 14:
        nested(message, AttributeKind::TypeProto);
        break;
      case 15:
        listed(message, AttributeKind::TypeProtos);
        break;
      case 20:
        out.kind = static_cast<AttributeKind>(message.integer());
        break;
      case 21:
        out.reference = message.text();
        break;
      case 22:
        nested(message, AttributeKind::SparseTensor);
        break;
      case 23:
        listed(message, AttributeKind::SparseTensors);
        break;
      default:
        message.skip();
    }
  }
  if (out.kind == AttributeKind::Undefined) out.kind = out.seen;
  return out;
}

// A NodeProto with its names still views into the file.
struct NodeFields {
  Node node;
  std::vector<std::string_view> inputs;
  std::vector<std::string_view> outputs;
  std::vector<std::string_view> attributes;
};

std::string domain_of(std::string_view text) {
  return text == "ai.onnx" ? "" : std::string(text);
}

NodeFields read_node_fields(std::string_view proto) {
  NodeFields out;
  for (Message message(proto); message.next();) {
    switch (message.field()) {
      case 1:
        out.inputs.push_back(message.bytes());
        break;
      case 2:
        out.outputs.push_back(message.bytes());
        break;
      case 3:
        out.node.name = message.text();
        break;
      case 4:
        out.node.op = message.text();
        break;
      case 5:
        out.attributes.push_back(message.bytes());
        break;
      case 7:
        out.node.domain = domain_of(message.bytes());
        break;
      case 8:
        out.node.overload = message.text();
        break;
      default:
        message.skip();
    }
  }
  require(!out.node.op.empty(), "node '{}': expected an operator type, got none", out.node.name);
  return out;
}

// A GraphProto or the body of a FunctionProto.
struct GraphFields {
  std::string name;
  std::vector<std::string_view> nodes;
  std::vector<std::string_view> initializers;
  std::vector<std::string_view> sparse_initializers;
  std::vector<NamedType> inputs;
  std::vector<NamedType> outputs;
  std::vector<NamedType> values;
};

GraphFields read_graph_fields(std::string_view proto) {
  GraphFields out;
  for (Message message(proto); message.next();) {
    switch (message.field()) {
      case 1:
        out.nodes.push_back(message.bytes());
        break;
      case 2:
        out.name = message.text();
        break;
      case 5:
        out.initializers.push_back(message.bytes());
        break;
      case 11:
        out.inputs.push_back(read_value_info(message.bytes()));
        break;
      case 12:
        out.outputs.push_back(read_value_info(message.bytes()));
        break;
      case 13:
        out.values.push_back(read_value_info(message.bytes()));
        break;
      case 15:
        out.sparse_initializers.push_back(message.bytes());
        break;
      default:
        message.skip();
    }
  }
  return out;
}

// A graph under construction and the one around it.
struct Scope {
  Graph graph;
  Scope* outer = nullptr;
  int depth = 0;
};

// Nodes may stand in any order: what a nested graph captures may have got its type after it.
void type_captures(Graph& graph) {
  for (std::size_t i = 0; i < graph.node_count(); ++i)
    for_each_subgraph(graph.node(NodeId{static_cast<std::int32_t>(i)}), [&](Graph& nested) {
      for (const Capture& capture : nested.captures)
        if (Type& type = nested.value(capture.inner).type; !type.is_known())
          type = graph.value(capture.outer).type;
      type_captures(nested);
    });
}

class GraphReader {
 public:
  GraphReader(Source& source, bool initializers_are_constants)
      : source_(source), initializers_are_constants_(initializers_are_constants) {}

  Graph read(const GraphFields& fields, Scope* outer) {
    Scope scope;
    scope.outer = outer;
    scope.depth = outer == nullptr ? 0 : outer->depth + 1;
    source_.budget().enter_graph(scope.depth);
    scope.graph.name = fields.name;
    add_constants_and_inputs(fields, scope);
    std::vector<NodeFields> nodes;
    nodes.reserve(fields.nodes.size());
    for (const std::string_view proto : fields.nodes) nodes.push_back(read_node_fields(proto));
    for (NodeFields& node : nodes)
      within([&] { return describe(node.node); }, [&] { define_outputs(node, scope); });
    add_types(fields.values, scope);
    add_types(fields.outputs, scope);
    for (NodeFields& node : nodes)
      within([&] { return describe(node.node); }, [&] { add_node(node, scope); });
    for (const NamedType& output : fields.outputs)
      scope.graph.outputs.push_back(resolve(output.name, scope, "an output of the graph"));
    if (outer == nullptr) type_captures(scope.graph);
    return std::move(scope.graph);
  }

  Attribute attribute(const AttributeFields& fields, Scope* scope) {
    if (!fields.reference.empty()) return AttributeReference{fields.reference, kind_index(fields.kind)};
    switch (fields.kind) {
      case AttributeKind::Float:
        return fields.real;
      case AttributeKind::Int:
        return fields.integer;
      case AttributeKind::String:
        return std::string(fields.bytes);
      case AttributeKind::Tensor:
        return read_tensor(fields.bytes, source_).tensor;
      case AttributeKind::Graph:
        return Box<Graph>(read(read_graph_fields(fields.bytes), scope));
      case AttributeKind::SparseTensor:
        return read_sparse_tensor(fields.bytes, source_).tensor;
      case AttributeKind::TypeProto:
        return read_type(fields.bytes);
      case AttributeKind::Floats:
        return fields.reals;
      case AttributeKind::Ints:
        return fields.integers;
      case AttributeKind::Strings:
        return list<std::string>(fields, [](std::string_view text) { return std::string(text); });
      case AttributeKind::Tensors:
        return list<Tensor>(fields, [&](std::string_view p) { return read_tensor(p, source_).tensor; });
      case AttributeKind::Graphs:
        return list<Graph>(fields, [&](std::string_view p) { return read(read_graph_fields(p), scope); });
      case AttributeKind::TypeProtos:
        return list<Type>(fields, [](std::string_view p) { return read_type(p); });
      case AttributeKind::SparseTensors:
        fail(ErrorCode::Unsupported, "lists of sparse tensors are not supported");
      case AttributeKind::Undefined:
        break;
    }
    fail(ErrorCode::InvalidArgument, "expected a value, got kind {}", static_cast<int>(fields.kind));
  }

 private:
  template <typename T, typename Read>
  static std::vector<T> list(const AttributeFields& fields, Read read) {
    std::vector<T> out;
    out.reserve(fields.list.size());
    for (const std::string_view proto : fields.list) out.push_back(read(proto));
    return out;
  }

  void require_new(const std::string& name, const Scope& scope) {
    require(!name.empty(), "graph '{}': expected a name for a value, got none", scope.graph.name);
    require(scope.graph.find(name) == ValueId::None, "graph '{}': '{}' is defined twice", scope.graph.name,
            name);
  }

  void add_constants_and_inputs(const GraphFields& fields, Scope& scope) {
    std::vector<NamedTensor> constants;
    for (const std::string_view proto : fields.initializers) constants.push_back(read_tensor(proto, source_));
    for (const std::string_view proto : fields.sparse_initializers) {
      NamedSparseTensor sparse = read_sparse_tensor(proto, source_);
      const DType dtype = sparse.tensor.values.dtype();
      require(dtype != DType::String, "sparse tensor '{}': strings are not supported", sparse.name);
      source_.spend(byte_size(dtype, element_count(sparse.tensor.shape)));
      constants.push_back({std::move(sparse.name), densify(sparse.tensor)});
    }
    std::unordered_set<std::string_view> constant_names;
    for (const NamedTensor& constant : constants) constant_names.insert(constant.name);
    for (const NamedType& input : fields.inputs) {
      if (initializers_are_constants_ && constant_names.contains(input.name)) continue;
      require_new(input.name, scope);
      scope.graph.add_input(input.name, input.type);
    }
    const std::size_t input_count = scope.graph.value_count();
    for (NamedTensor& constant : constants) {
      const ValueId existing = scope.graph.find(constant.name);
      if (existing != ValueId::None && index(existing) < input_count &&
          !scope.graph.value(existing).constant.is_defined()) {
        scope.graph.value(existing).constant = std::move(constant.tensor);
      } else {
        require_new(constant.name, scope);
        scope.graph.add_constant(std::move(constant.name), std::move(constant.tensor));
      }
    }
  }

  void define_outputs(NodeFields& fields, Scope& scope) {
    for (const std::string_view name : fields.outputs) {
      if (name.empty()) {
        fields.node.outputs.push_back(ValueId::None);
        continue;
      }
      const std::string text(name);
      require_new(text, scope);
      fields.node.outputs.push_back(scope.graph.add_value(text));
    }
  }

  void add_types(const std::vector<NamedType>& types, Scope& scope) {
    for (const NamedType& typed : types) {
      const ValueId id = scope.graph.find(typed.name);
      if (id != ValueId::None && !scope.graph.value(id).type.is_known())
        scope.graph.value(id).type = typed.type;
    }
  }

  void add_node(NodeFields& fields, Scope& scope) {
    for (const std::string_view name : fields.inputs)
      fields.node.inputs.push_back(name.empty() ? ValueId::None
                                                : resolve(std::string(name), scope, "an input"));
    for (const std::string_view proto : fields.attributes) {
      AttributeFields attribute_fields = read_attribute_fields(proto);
      const std::string name = attribute_fields.name;
      require(!name.empty() && !fields.node.attributes.has(name),
              "expected attributes of different names, got '{}' twice or none", name);
      within([&] { return "attribute '" + name + "'"; },
             [&] { fields.node.attributes.set(name, attribute(attribute_fields, &scope)); });
    }
    type_constant(fields.node, scope.graph);
    source_.budget().add_node();
    scope.graph.add_node(std::move(fields.node));
  }

  // What a Constant node makes is known even where the file is silent; conversions ask for it.
  static void type_constant(const Node& node, Graph& graph) {
    if (node.op != "Constant" || !node.domain.empty() || node.outputs.size() != 1) return;
    const Attribute* value = node.attributes.find("value");
    const auto* tensor = value != nullptr ? std::get_if<Tensor>(value) : nullptr;
    if (tensor == nullptr || node.outputs[0] == ValueId::None) return;
    Type& type = graph.value(node.outputs[0]).type;
    if (!type.is_known()) type = Type::tensor(tensor->dtype(), dims_of(tensor->shape()));
  }

  ValueId resolve(const std::string& name, Scope& scope, const char* what) {
    const ValueId id = find(name, scope);
    require(id != ValueId::None, "{} is '{}', which nothing defines", what, name);
    return id;
  }

  ValueId find(const std::string& name, Scope& scope) {
    const ValueId own = scope.graph.find(name);
    if (own != ValueId::None || scope.outer == nullptr) return own;
    const ValueId outer = find(name, *scope.outer);
    if (outer == ValueId::None) return outer;
    return scope.graph.capture(outer, name, scope.outer->graph.value(outer).type);
  }

  Source& source_;
  bool initializers_are_constants_;
};

void constants_of_nodes(Graph& body) {
  for (std::size_t i = 0; i < body.node_count(); ++i) {
    const NodeId id{static_cast<std::int32_t>(i)};
    const Node& node = body.node(id);
    const bool plain = node.op == "Constant" && node.domain.empty() && node.attributes.size() == 1 &&
                       node.outputs.size() == 1 && node.outputs[0] != ValueId::None;
    if (!plain) continue;
    const Attribute* attribute = node.attributes.find("value");
    const auto* tensor = attribute != nullptr ? std::get_if<Tensor>(attribute) : nullptr;
    if (tensor == nullptr) continue;
    Value& value = body.value(node.outputs[0]);
    value.type = Type::tensor(tensor->dtype(), dims_of(tensor->shape()));
    value.constant = *tensor;
    body.erase_node(id);
  }
}

}  // namespace

void read_opset(std::string_view proto, Opsets& opsets) {
  std::string domain;
  std::int64_t version = 0;
  for (Message message(proto); message.next();) {
    if (message.field() == 1) {
      domain = domain_of(message.bytes());
    } else if (message.field() == 2) {
      version = message.integer();
    } else {
      message.skip();
    }
  }
  require(version >= 1, "expected a version of 1 or more for the operators of '{}', got {}", domain, version);
  opsets[domain] = version;
}

Graph read_graph(std::string_view proto, Source& source, bool initializers_are_constants) {
  return GraphReader(source, initializers_are_constants).read(read_graph_fields(proto), nullptr);
}

Function read_function(std::string_view proto, Source& source, Opsets& opsets) {
  Function out;
  GraphFields fields;
  GraphReader reader(source, false);
  for (Message message(proto); message.next();) {
    switch (message.field()) {
      case 1:
        out.name = message.text();
        break;
      case 4:
        fields.inputs.push_back({message.text(), {}});
        break;
      case 5:
        fields.outputs.push_back({message.text(), {}});
        break;
      case 6:
        out.required_attributes.push_back(message.text());
        break;
      case 7:
        fields.nodes.push_back(message.bytes());
        break;
      case 9:
        read_opset(message.bytes(), opsets);
        break;
      case 10:
        out.domain = domain_of(message.bytes());
        break;
      case 11: {
        const AttributeFields attribute = read_attribute_fields(message.bytes());
        out.attributes.set(attribute.name, reader.attribute(attribute, nullptr));
        break;
      }
      case 12:
        fields.values.push_back(read_value_info(message.bytes()));
        break;
      case 13:
        out.overload = message.text();
        break;
      default:
        message.skip();
    }
  }
  fields.name = out.name;
  out.body = within([&] { return "function " + out.domain + "::" + out.name; },
                    [&] { return reader.read(fields, nullptr); });
  constants_of_nodes(out.body);
  return out;
}

}  // namespace atlas::onnx
