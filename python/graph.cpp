// Graph: models read, built, edited and saved from Python.
#include "atlas/graph/graph.h"

#include <nanobind/stl/map.h>
#include <nanobind/stl/optional.h>
#include <nanobind/stl/string.h>
#include <nanobind/stl/vector.h>

#include <algorithm>
#include <cstring>

#include "atlas/base/error.h"
#include "atlas/formats/model_file.h"
#include "atlas/formats/onnx/onnx_reader.h"
#include "atlas/graph/builder.h"
#include "atlas/graph/text_parser.h"
#include "atlas/graph/text_writer.h"
#include "atlas/graph/verify.h"
#include "atlas/ops/infer.h"
#include "atlas/passes/passes.h"
#include "python/arrays.h"
#include "python/attributes.h"
#include "python/graph_handles.h"

namespace atlas::python {
namespace {

nb::object op(nb::handle self, const std::string& name, nb::args inputs, std::size_t outputs,
              nb::kwargs attributes) {
  ValueId like = ValueId::None;
  for (nb::handle input : inputs)
    if (like == ValueId::None && (nb::isinstance<PyValue>(input) || nb::isinstance<nb::str>(input)))
      like = value_in(self, input);
  std::vector<ValueId> ids;
  for (nb::handle input : inputs) ids.push_back(operand(self, input, like));
  Attributes named;
  for (const auto& [key, value] : attributes) {
    const auto attribute = nb::cast<std::string>(key);
    named.set(attribute, to_attribute(value, name + ": " + attribute));
  }
  constexpr std::size_t kMostOutputs = 1 << 16;
  require(!name.empty() && outputs <= kMostOutputs, "{}: expected an operator with at most {} outputs", name,
          kMostOutputs);
  const auto made = GraphBuilder(graph_of(self)).ops(name, std::move(ids), outputs, std::move(named));
  if (made.size() == 1) return nb::cast(PyValue(nb::borrow(self), made[0]));
  return nb::tuple(values_of(self, made));
}

std::vector<std::string> simplify(PyGraph& self, const std::vector<std::string>& disabled) {
  const nb::gil_scoped_release release;
  ++self.generation;
  std::vector<std::string> out;
  for (const PassReport& report : run_passes(self.graph, standard_ops(), {disabled}))
    if (report.changed) out.emplace_back(report.name);
  self.graph.compact();
  return out;
}

std::string summary(const PyGraph& self) {
  return fmt::format("<atlas.Graph '{}': {} inputs, {} nodes, {} outputs>", self.graph.name,
                     self.graph.inputs.size(), self.graph.order().size(), self.graph.outputs.size());
}

Graph from_bytes(const nb::bytes& bytes, const Limits& limits) {
  const auto copy = Buffer::allocate(bytes.size());
  if (bytes.size() > 0) std::memcpy(copy->data(), bytes.data(), bytes.size());
  const nb::gil_scoped_release release;
  return read_onnx(copy, {.limits = limits});
}

void bind_files(nb::class_<PyGraph>& graph) {
  graph
      .def_static(
          "parse", [](const std::string& text) { return PyGraph{parse_graph(text)}; }, nb::arg("text"),
          "The graph that a text form describes.")
      .def(
          "save",
          [](const PyGraph& self, nb::handle path, std::int64_t opset, bool external_data) {
            const auto name = nb::cast<std::string>(nb::module_::import_("os").attr("fspath")(path));
            save_model(self.graph, name, {opset, external_data});
          },
          nb::arg("path"), nb::arg("opset") = 0, nb::arg("external_data") = false,
          "Writes an ONNX model (.onnx) of this opset (0: the newest) or the text form (.txt, .atlas). With\n"
          "`external_data` large constants go to a file beside the model.")
      .def(
          "to_onnx",
          [](const PyGraph& self, std::int64_t opset) {
            const std::string bytes = write_onnx(self.graph, {opset, false});
            return nb::bytes(bytes.data(), bytes.size());
          },
          nb::arg("opset") = 0, "The ONNX model as bytes.")
      .def(
          "text",
          [](const PyGraph& self, std::optional<std::size_t> elide_above) {
            TextOptions options;
            if (elide_above) options.elide_above = *elide_above;
            return write_graph(self.graph, options);
          },
          nb::arg("elide_above") = nb::none(),
          "The text form, which parse() reads back unless constants of more than `elide_above` elements were "
          "left\n"
          "out.")
      .def("__str__",
           [](const PyGraph& self) {
             std::string out = write_graph(self.graph, {16});
             while (out.ends_with('\n')) out.pop_back();
             return out;
           })
      .def("__repr__", summary);
}

void bind_editing(nb::class_<PyGraph>& graph) {
  graph
      .def(
          "input",
          [](nb::handle self, const std::string& name, const std::string& type) {
            Graph& into = graph_of(self);
            Type parsed = parse_type(type);
            return PyValue(nb::borrow(self), into.add_input(fresh_name(into, name), std::move(parsed)));
          },
          nb::arg("name"), nb::arg("type"), "Adds an input: graph.input('x', 'f32[N,3]').")
      .def(
          "constant",
          [](nb::handle self, nb::handle array, const std::string& name) {
            Graph& into = graph_of(self);
            const Tensor tensor = to_tensor(array, DType::Undefined, "constant").clone();
            const std::string chosen = name.empty() ? "constant" : fresh_name(into, name);
            return PyValue(nb::borrow(self), into.add_constant(chosen, tensor));
          },
          nb::arg("array"), nb::arg("name") = "", "Adds a constant that holds a copy of an array.")
      .def("op", op,
           nb::sig("def op(self, name: str, *inputs: typing.Any, outputs: int = 1, **attributes: typing.Any) "
                   "-> typing.Any"),
           nb::arg("name"), nb::arg("inputs"), nb::kw_only(), nb::arg("outputs") = 1, nb::arg("attributes"),
           "Adds a node: graph.op('Conv', x, w, strides=[2, 2]). Inputs are values, names of values, None "
           "for one that\n"
           "is left out, arrays and numbers. Returns its output, or a tuple where `outputs` is not 1.")
      .def(
          "output",
          [](nb::handle self, nb::handle value, const std::string& name) {
            Graph& into = graph_of(self);
            const ValueId id = value_in(self, value);
            if (!name.empty() && into.value(id).name != name) into.rename(id, fresh_name(into, name));
            into.outputs.push_back(id);
            return PyValue(nb::borrow(self), id);
          },
          nb::arg("value"), nb::arg("name") = "", "Makes a value an output, under this name.")
      .def(
          "erase",
          [](nb::handle self, const PyNode& node) {
            require(node.owner.is(self), "erase: a node of another graph");
            node.node();
            graph_of(self).erase_node(node.id);
          },
          nb::arg("node"), "Removes a node. Whatever used its outputs must be given other values.")
      .def(
          "replace_uses",
          [](nb::handle self, nb::handle old_value, nb::handle new_value) {
            const ValueId from = value_in(self, old_value);
            graph_of(self).replace_uses(from, value_in(self, new_value));
          },
          nb::arg("old"), nb::arg("new"),
          "Every use of one value, as an output too, becomes a use of another.")
      .def(
          "verify", [](const PyGraph& self) { verify(self.graph); },
          "Raises Error where the structure is wrong: names, origins of values, cycles.")
      .def(
          "infer_types",
          [](PyGraph& self) {
            const nb::gil_scoped_release release;
            infer_types(self.graph, standard_ops());
          },
          "Checks every operator, and fills in the types of all values.")
      .def("simplify", simplify, nb::arg("disabled_passes") = std::vector<std::string>(),
           "Runs the passes that a session runs, and names those that changed something. Nodes and values "
           "taken from\n"
           "the graph before are void.")
      .def(
          "copy", [](const PyGraph& self) { return PyGraph{self.graph}; },
          "A graph of its own; constants are shared.");
}

}  // namespace

std::optional<std::string> path_of_model(nb::handle model) {
  if (nb::isinstance<PyGraph>(model) || nb::isinstance<nb::bytes>(model) ||
      nb::hasattr(model, "SerializeToString"))
    return std::nullopt;
  return nb::cast<std::string>(nb::module_::import_("os").attr("fsdecode")(model));
}

Graph read_model(nb::handle model, const Limits& limits) {
  if (nb::isinstance<PyGraph>(model)) return nb::cast<const PyGraph&>(model).graph;
  if (nb::isinstance<nb::bytes>(model)) return from_bytes(nb::borrow<nb::bytes>(model), limits);
  if (nb::hasattr(model, "SerializeToString"))
    return from_bytes(nb::borrow<nb::bytes>(model.attr("SerializeToString")()), limits);
  const std::optional<std::string> path = path_of_model(model);
  const nb::gil_scoped_release release;
  return load_model(*path, limits);
}

void bind_graph(nb::module_& module) {
  nb::class_<PyGraph> graph(
      module, "Graph",
      "A model: nodes that compute values from values.\n\n"
      "Read one by atlas.load(), make one by atlas.build(), print it, edit it, save it, and run it\n"
      "by atlas.Session. There is one version of each operator, the newest of ONNX.");
  graph
      .def(
          "__init__",
          [](PyGraph* self, const std::string& name) {
            new (self) PyGraph();
            self->graph.name = name;
          },
          nb::arg("name") = "")
      .def_prop_rw(
          "name", [](const PyGraph& self) { return self.graph.name; },
          [](PyGraph& self, const std::string& name) { self.graph.name = name; })
      .def_prop_rw(
          "metadata", [](const PyGraph& self) { return self.graph.metadata; },
          [](PyGraph& self, const std::map<std::string, std::string>& metadata) {
            self.graph.metadata = metadata;
          },
          "What the model says of itself: a copy; may be set.")
      .def_prop_ro(
          "inputs", [](nb::handle self) { return values_of(self, graph_of(self).inputs); },
          nb::sig("def inputs(self) -> list[Value]"), nb::sig("def inputs(self) -> list[Value]"),
          "The values a caller gives.")
      .def_prop_rw(
          "outputs", [](nb::handle self) { return values_of(self, graph_of(self).outputs); },
          [](nb::handle self, nb::sequence values) {
            std::vector<ValueId> ids;
            for (nb::handle value : values) ids.push_back(value_in(self, value));
            graph_of(self).outputs = std::move(ids);
          },
          nb::for_getter(nb::sig("def outputs(self) -> list[Value]")),
          nb::for_setter(nb::sig("def outputs(self, values: typing.Sequence[Value | str], /) -> None")),
          "The values a caller gets; may be set to other values or names.")
      .def_prop_ro(
          "nodes", [](nb::handle self) { return nodes_of(self, graph_of(self).order()); },
          nb::sig("def nodes(self) -> list[Node]"), nb::sig("def nodes(self) -> list[Node]"),
          "All nodes, each behind those it needs.")
      .def(
          "__getitem__",
          [](nb::handle self, const std::string& name) {
            const ValueId id = graph_of(self).find(name);
            if (id == ValueId::None) throw nb::key_error(name.c_str());
            return PyValue(nb::borrow(self), id);
          },
          nb::arg("name"), "The value of that name.")
      .def("__contains__", [](nb::handle self, const std::string& name) {
        return graph_of(self).find(name) != ValueId::None;
      });
  module.def(
      "load", [](nb::handle model) { return PyGraph{read_model(model)}; }, nb::arg("model"),
      "Reads a model as a Graph: the path of an ONNX file or a text form (.txt, .atlas), the bytes of an "
      "ONNX model, or\n"
      "an onnx.ModelProto.");
  bind_files(graph);
  bind_editing(graph);
}

}  // namespace atlas::python
