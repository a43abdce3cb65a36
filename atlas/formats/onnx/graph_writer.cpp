// Ids become names, unique over all the graphs that see each other.
#include "atlas/formats/onnx/graph_writer.h"

#include <algorithm>
#include <set>
#include <unordered_set>
#include <vector>

#include "atlas/base/error.h"
#include "atlas/formats/onnx/attribute_kind.h"
#include "atlas/formats/onnx/tensor_writer.h"
#include "atlas/formats/onnx/type_writer.h"

namespace atlas::onnx {
namespace {

using protozero::pbf_writer;

// The name of each value of a graph, and all names in sight there.
struct Names {
  std::vector<std::string> of;
  std::unordered_set<std::string> taken;

  const std::string& operator[](ValueId id) const {
    static const std::string none;
    return id == ValueId::None ? none : of[index(id)];
  }
};

std::string unique_name(const std::string& wanted, std::unordered_set<std::string>& taken) {
  std::string name = wanted;
  for (std::size_t n = 1; !taken.insert(name).second; ++n) name = wanted + "_" + std::to_string(n);
  return name;
}

Names names_of(const Graph& graph, const Names* outer) {
  Names out;
  if (outer != nullptr) out.taken = outer->taken;
  out.of.resize(graph.value_count());
  for (const Capture& capture : graph.captures) out.of[index(capture.inner)] = (*outer)[capture.outer];
  for (std::size_t i = 0; i < out.of.size(); ++i) {
    if (!out.of[i].empty()) continue;
    const std::string& wanted = graph.value(ValueId{static_cast<std::int32_t>(i)}).name;
    out.of[i] = unique_name(wanted, out.taken);
  }
  return out;
}

class GraphWriter {
 public:
  explicit GraphWriter(const ConstantWriter& write_constant) : write_constant_(write_constant) {}

  void graph(pbf_writer& writer, const Graph& graph, const Names* outer) {
    const Names names = names_of(graph, outer);
    nodes(writer, 1, graph, names);
    writer.add_string(2, graph.name.empty() ? "graph" : graph.name);
    for (std::size_t i = 0; i < graph.value_count(); ++i) {
      const ValueId id{static_cast<std::int32_t>(i)};
      if (!graph.value(id).constant.is_defined()) continue;
      pbf_writer message(writer, 5);
      write_constant_(message, graph.value(id).constant, names[id]);
    }
    for (const ValueId id : graph.inputs) value_info(writer, 11, graph, id, names);
    for (const ValueId id : graph.outputs) value_info(writer, 12, graph, id, names);
    types(writer, 13, graph, names);
  }

  void function(pbf_writer& writer, const Function& function) {
    const Names names = names_of(function.body, nullptr);
    writer.add_string(1, function.name);
    for (const ValueId id : function.body.inputs) writer.add_string(4, names[id]);
    for (const ValueId id : function.body.outputs) writer.add_string(5, names[id]);
    for (const std::string& name : function.required_attributes) writer.add_string(6, name);
    constant_nodes(writer, function.body, names);
    nodes(writer, 7, function.body, names);
    writer.add_string(10, function.domain);
    for (const auto& [name, value] : function.attributes) {
      pbf_writer message(writer, 11);
      attribute(message, name, value, nullptr);
    }
    types(writer, 12, function.body, names);
    if (!function.overload.empty()) writer.add_string(13, function.overload);
  }

 private:
  static void value_info(pbf_writer& writer, protozero::pbf_tag_type field, const Graph& graph, ValueId id,
                         const Names& names) {
    pbf_writer message(writer, field);
    write_value_info(message, names[id], graph.value(id).type);
  }

  // A FunctionProto has no initialisers.
  void constant_nodes(pbf_writer& writer, const Graph& body, const Names& names) {
    for (std::size_t i = 0; i < body.value_count(); ++i) {
      const ValueId id{static_cast<std::int32_t>(i)};
      if (!body.value(id).constant.is_defined()) continue;
      pbf_writer node(writer, 7);
      node.add_string(2, names[id]);
      node.add_string(4, "Constant");
      pbf_writer attribute_message(node, 5);
      attribute(attribute_message, "value", body.value(id).constant, nullptr);
    }
  }

  // What is known of values inside the graph; inputs, outputs and constants say it elsewhere.
  static void types(pbf_writer& writer, protozero::pbf_tag_type field, const Graph& graph,
                    const Names& names) {
    const std::set<ValueId> outputs(graph.outputs.begin(), graph.outputs.end());
    for (std::size_t i = 0; i < graph.value_count(); ++i) {
      const ValueId id{static_cast<std::int32_t>(i)};
      const Value& value = graph.value(id);
      const bool inside = value.producer != NodeId::None && (field == 12 || !outputs.contains(id));
      if (inside && value.type.is_known()) value_info(writer, field, graph, id, names);
    }
  }

  void nodes(pbf_writer& writer, protozero::pbf_tag_type field, const Graph& graph, const Names& names) {
    std::unordered_set<std::string> taken;
    for (const NodeId id : graph.order()) {
      const Node& node = graph.node(id);
      pbf_writer message(writer, field);
      for (const ValueId input : node.inputs) message.add_string(1, names[input]);
      for (const ValueId output : node.outputs) message.add_string(2, names[output]);
      if (!node.name.empty()) message.add_string(3, unique_name(node.name, taken));
      message.add_string(4, node.op);
      for (const auto& [name, value] : node.attributes) {
        pbf_writer attribute_message(message, 5);
        attribute(attribute_message, name, value, &names);
      }
      if (!node.domain.empty()) message.add_string(7, node.domain);
      if (!node.overload.empty()) message.add_string(8, node.overload);
    }
  }

  void attribute(pbf_writer& writer, const std::string& name, const Attribute& attribute,
                 const Names* names) {
    writer.add_string(1, name);
    AttributeKind kind = AttributeKind::Undefined;
    if (const auto* reference = std::get_if<AttributeReference>(&attribute)) {
      if (reference->kind >= 0) kind = kAttributeKinds.at(static_cast<std::size_t>(reference->kind));
    } else {
      kind = kAttributeKinds.at(attribute.index());
    }
    std::visit([&](const auto& value) { this->value(writer, value, names); }, attribute);
    if (kind != AttributeKind::Undefined) writer.add_enum(20, static_cast<std::int32_t>(kind));
  }

  void value(pbf_writer& writer, float value, const Names*) { writer.add_float(2, value); }
  void value(pbf_writer& writer, std::int64_t value, const Names*) { writer.add_int64(3, value); }
  void value(pbf_writer& writer, const std::string& value, const Names*) { writer.add_bytes(4, value); }
  void value(pbf_writer& writer, const Tensor& value, const Names*) { tensor(writer, 5, value); }
  void value(pbf_writer& writer, const Box<Graph>& value, const Names* names) {
    nested(writer, 6, *value, names);
  }
  void value(pbf_writer& writer, const std::vector<float>& values, const Names*) {
    for (const float value : values) writer.add_float(7, value);
  }
  void value(pbf_writer& writer, const std::vector<std::int64_t>& values, const Names*) {
    for (const std::int64_t value : values) writer.add_int64(8, value);
  }
  void value(pbf_writer& writer, const std::vector<std::string>& values, const Names*) {
    for (const std::string& value : values) writer.add_bytes(9, value);
  }
  void value(pbf_writer& writer, const std::vector<Tensor>& values, const Names*) {
    for (const Tensor& value : values) tensor(writer, 10, value);
  }
  void value(pbf_writer& writer, const std::vector<Graph>& values, const Names* names) {
    for (const Graph& value : values) nested(writer, 11, value, names);
  }
  void value(pbf_writer& writer, const Type& value, const Names*) {
    writer.add_message(14, type_proto(value));
  }
  void value(pbf_writer& writer, const std::vector<Type>& values, const Names*) {
    for (const Type& value : values) writer.add_message(15, type_proto(value));
  }
  void value(pbf_writer& writer, const AttributeReference& value, const Names*) {
    writer.add_string(21, value.name);
  }
  void value(pbf_writer& writer, const SparseTensor& value, const Names*) {
    pbf_writer message(writer, 22);
    write_sparse_tensor(message, value);
  }

  void tensor(pbf_writer& writer, protozero::pbf_tag_type field, const Tensor& tensor) {
    pbf_writer message(writer, field);
    write_tensor(message, tensor, "");
  }

  void nested(pbf_writer& writer, protozero::pbf_tag_type field, const Graph& nested, const Names* names) {
    pbf_writer message(writer, field);
    graph(message, nested, names);
  }

  const ConstantWriter& write_constant_;
};

}  // namespace

void write_graph(pbf_writer& writer, const Graph& graph, const ConstantWriter& write_constant) {
  GraphWriter(write_constant).graph(writer, graph, nullptr);
}

void write_function(pbf_writer& writer, const Function& function, const Opsets& opsets) {
  require(std::ranges::none_of(function.body.outputs, [](ValueId id) { return id == ValueId::None; }),
          "function {}::{}: an output is left out", function.domain, function.name);
  const ConstantWriter inline_constants = write_tensor;
  GraphWriter(inline_constants).function(writer, function);
  for (const auto& [domain, version] : opsets) {
    pbf_writer message(writer, 9);
    message.add_string(1, domain);
    message.add_int64(2, version);
  }
}

}  // namespace atlas::onnx
