// Writes the text form: one statement a line, nested graphs indented.
#include "atlas/graph/text_writer.h"

#include <algorithm>

#include "atlas/base/error.h"
#include "atlas/graph/tensor_text.h"

namespace atlas {
namespace {

class Writer {
 public:
  explicit Writer(const TextOptions& options) : options_(options) {}

  void graph(const Graph& graph, const Graph* outer) {
    out_ += "graph " + quoted_text(graph.name) + " ";
    body(graph, outer);
  }

  void attribute(const Attribute& attribute, const Graph* holder) {
    std::visit([&](const auto& value) { this->value(value, holder); }, attribute);
  }

  std::string take() { return std::move(out_); }

 private:
  void body(const Graph& graph, const Graph* outer) {
    out_ += "{";
    ++depth_;
    for (const auto& [key, value] : graph.metadata) {
      line();
      out_ += "meta " + quoted_text(key) + " = " + quoted_text(value);
    }
    for (const Function& function : graph.functions) {
      line();
      this->function(function);
    }
    for (const Capture& capture : by_name(graph)) {
      line();
      out_ += "capture ";
      defined(graph, capture.inner);
      out_ += " = " + (outer == nullptr ? "?" : name_text(outer->value(capture.outer).name));
    }
    for (const ValueId id : graph.inputs) {
      line();
      out_ += "input ";
      defined(graph, id);
      if (!graph.value(id).constant.is_defined()) continue;
      out_ += " = ";
      append_tensor(out_, graph.value(id).constant, options_.elide_above);
    }
    constants(graph);
    for (const NodeId id : graph.order()) {
      line();
      node(graph, graph.node(id));
    }
    for (const ValueId id : graph.outputs) {
      line();
      out_ += "output " + used(graph, id);
    }
    --depth_;
    line();
    out_ += "}";
  }

  // Their order means nothing.
  static std::vector<Capture> by_name(const Graph& graph) {
    std::vector<Capture> out = graph.captures;
    std::ranges::sort(out, {}, [&](const Capture& capture) { return graph.value(capture.inner).name; });
    return out;
  }

  void constants(const Graph& graph) {
    std::vector<bool> is_input(graph.value_count(), false);
    for (const ValueId id : graph.inputs) is_input[index(id)] = true;
    for (std::size_t i = 0; i < graph.value_count(); ++i) {
      const Value& value = graph.value(ValueId{static_cast<std::int32_t>(i)});
      if (!value.constant.is_defined() || is_input[i]) continue;
      line();
      out_ += "const " + name_text(value.name) + " = ";
      append_tensor(out_, value.constant, options_.elide_above);
    }
  }

  void function(const Function& function) {
    out_ += "function " + name_text(function.domain) + "::" + name_text(function.name);
    if (!function.overload.empty()) out_ += " " + quoted_text(function.overload);
    out_ += "(";
    const char* separator = "";
    for (const auto& [name, value] : function.attributes) {
      out_ += separator + name_text(name) + "=";
      attribute(value, nullptr);
      separator = ", ";
    }
    for (const std::string& name : function.required_attributes) {
      out_ += separator + name_text(name);
      separator = ", ";
    }
    out_ += ") ";
    graph(function.body, nullptr);
  }

  void node(const Graph& graph, const Node& node) {
    const char* separator = "";
    for (const ValueId id : node.outputs) {
      out_ += separator;
      if (id == ValueId::None) {
        out_ += "_";
      } else {
        defined(graph, id);
      }
      separator = ", ";
    }
    out_ += node.outputs.empty() ? "() = " : " = ";
    if (!node.domain.empty() || !node.overload.empty()) out_ += name_text(node.domain) + "::";
    out_ += name_text(node.op);
    if (!node.overload.empty()) out_ += "::" + name_text(node.overload);
    if (!node.name.empty()) out_ += " " + quoted_text(node.name);
    out_ += "(";
    separator = "";
    for (const ValueId id : node.inputs) {
      out_ += separator + used(graph, id);
      separator = ", ";
    }
    out_ += ")";
    if (node.attributes.size() == 0) return;
    separator = " {";
    for (const auto& [name, value] : node.attributes) {
      out_ += separator + name_text(name) + "=";
      attribute(value, &graph);
      separator = ", ";
    }
    out_ += "}";
  }

  void defined(const Graph& graph, ValueId id) {
    const Value& value = graph.value(id);
    out_ += name_text(value.name) + ": " + text(value.type);
  }

  std::string used(const Graph& graph, ValueId id) {
    return id == ValueId::None ? "_" : name_text(graph.value(id).name);
  }

  void value(std::int64_t value, const Graph*) { out_ += std::to_string(value); }
  void value(float value, const Graph*) { out_ += float_text(value); }
  void value(const std::string& value, const Graph*) { out_ += quoted_text(value); }
  void value(const Tensor& value, const Graph*) {
    require(value.is_defined(), "text form: an attribute holds an undefined tensor");
    append_tensor(out_, value, options_.elide_above);
  }
  void value(const Box<Graph>& value, const Graph* holder) { graph(*value, holder); }
  void value(const Graph& value, const Graph* holder) { graph(value, holder); }
  void value(const Type& value, const Graph*) { out_ += "type " + text(value); }
  void value(const AttributeReference& value, const Graph*) {
    out_ += "@" + name_text(value.name);
    if (value.kind >= 0) out_ += ":" + std::string(kReferenceKinds.at(static_cast<std::size_t>(value.kind)));
  }
  void value(const SparseTensor& sparse, const Graph*) {
    out_ += "sparse " + text(sparse.shape) + " ";
    append_tensor(out_, sparse.values, options_.elide_above);
    out_ += " ";
    append_tensor(out_, sparse.indices, options_.elide_above);
  }

  template <typename T>
  void value(const std::vector<T>& values, const Graph* holder) {
    if (values.empty()) out_ += kind_name(Attribute(values));
    out_ += "[";
    for (std::size_t i = 0; i < values.size(); ++i) {
      if (i > 0) out_ += ", ";
      value(values[i], holder);
    }
    out_ += "]";
  }

  void line() {
    out_ += '\n';
    out_.append(2 * depth_, ' ');
  }

  const TextOptions& options_;
  std::string out_;
  std::size_t depth_ = 0;
};

}  // namespace

std::string write_graph(const Graph& graph, const TextOptions& options) {
  Writer writer(options);
  writer.graph(graph, nullptr);
  return writer.take() + "\n";
}

std::string text(const Attribute& attribute, const TextOptions& options) {
  Writer writer(options);
  writer.attribute(attribute, nullptr);
  return writer.take();
}

}  // namespace atlas
