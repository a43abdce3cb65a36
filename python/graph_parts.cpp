// Value and Node: looked at and changed from Python.
#include <nanobind/stl/string.h>

#include <utility>

#include "atlas/graph/builder.h"
#include "atlas/graph/text_parser.h"
#include "python/arrays.h"
#include "python/attributes.h"
#include "python/graph_handles.h"

namespace atlas::python {
namespace {

nb::object binary(const char* operation, const PyValue& self, nb::handle other, bool is_reflected) {
  if (!nb::isinstance<PyValue>(other) && !nb::isinstance<nb::float_>(other) &&
      !nb::isinstance<nb::int_>(other) && !nb::hasattr(other, "dtype"))
    return nb::borrow(Py_NotImplemented);
  ValueId a = self.id;
  ValueId b = operand(self.owner, other, self.id);
  if (is_reflected) std::swap(a, b);
  return nb::cast(PyValue(self.owner, GraphBuilder(self.graph()).op(operation, {a, b})));
}

void bind_value(nb::module_& module) {
  nb::class_<PyValue> type(
      module, "Value",
      "What an edge of a graph carries. `+ - * / @ **` and unary `-` add nodes to its graph.");
  type.def_prop_rw(
          "name", [](const PyValue& self) { return self.value().name; },
          [](const PyValue& self, const std::string& name) {
            if (self.value().name != name) self.graph().rename(self.id, fresh_name(self.graph(), name));
          },
          "Its name, unique in the graph; may be set.")
      .def_prop_rw(
          "type", [](const PyValue& self) { return text(self.value().type); },
          [](const PyValue& self, const std::string& text) { self.value().type = parse_type(text); },
          "Its type as in the text form: 'f32[N,3]', '?' where nothing is known; may be set.")
      .def_prop_rw(
          "constant",
          [](const PyValue& self) -> nb::object {
            const Tensor& constant = self.value().constant;
            return constant.is_defined() ? from_tensor(constant, true) : nb::none();
          },
          [](const PyValue& self, nb::handle array) {
            Value& value = self.value();
            require(value.producer == NodeId::None, "value '{}': a node computes it", value.name);
            const Tensor tensor = to_tensor(array, value.type.dtype, "value '" + value.name + "'").clone();
            if (!self.graph().is_input(self.id))
              value.type = Type::tensor(tensor.dtype(), dims_of(tensor.shape()));
            value.constant = tensor;
          },
          nb::arg("array"),
          "The array it always is, or its default where it is an input; else None. May be set.")
      .def_prop_ro(
          "producer",
          [](const PyValue& self) -> nb::object {
            if (self.value().producer == NodeId::None) return nb::none();
            return nb::cast(PyNode(self.owner, self.value().producer));
          },
          nb::sig("def producer(self) -> Node | None"), "The node that computes it, or None.")
      .def_prop_ro(
          "users",
          [](const PyValue& self) { return nodes_of(self.owner, self.graph().consumers()[index(self.id)]); },
          nb::sig("def users(self) -> list[Node]"), "The nodes that use it.")
      .def("__repr__", [](const PyValue& self) { return self.value().name + ": " + text(self.value().type); })
      .def("__eq__",
           [](const PyValue& self, nb::handle other) {
             return nb::isinstance<PyValue>(other) && self == nb::cast<const PyValue&>(other);
           })
      .def("__hash__", &PyValue::hash)
      .def("__neg__", [](const PyValue& self) {
        return PyValue(self.owner, GraphBuilder(self.graph()).op("Neg", {self.id}));
      });
  struct Operation {
    const char* op;
    const char* signature;
    const char* reflected;
  };
  static constexpr Operation kOperations[] = {
      {"Add", "def __add__(self, other: typing.Any, /) -> Value",
       "def __radd__(self, other: typing.Any, /) -> Value"},
      {"Sub", "def __sub__(self, other: typing.Any, /) -> Value",
       "def __rsub__(self, other: typing.Any, /) -> Value"},
      {"Mul", "def __mul__(self, other: typing.Any, /) -> Value",
       "def __rmul__(self, other: typing.Any, /) -> Value"},
      {"Div", "def __truediv__(self, other: typing.Any, /) -> Value",
       "def __rtruediv__(self, other: typing.Any, /) -> Value"},
      {"MatMul", "def __matmul__(self, other: typing.Any, /) -> Value",
       "def __rmatmul__(self, other: typing.Any, /) -> Value"},
      {"Pow", "def __pow__(self, other: typing.Any, /) -> Value",
       "def __rpow__(self, other: typing.Any, /) -> Value"},
  };
  const auto name_in = [](std::string_view signature) {
    constexpr std::string_view kDef = "def ";
    return std::string(signature.substr(kDef.size(), signature.find('(') - kDef.size()));
  };
  for (const Operation& operation : kOperations) {
    const char* name = operation.op;
    type.def(
        name_in(operation.signature).c_str(),
        [name](const PyValue& self, nb::handle other) { return binary(name, self, other, false); },
        nb::sig(operation.signature));
    type.def(
        name_in(operation.reflected).c_str(),
        [name](const PyValue& self, nb::handle other) { return binary(name, self, other, true); },
        nb::sig(operation.reflected));
  }
}

void bind_node(nb::module_& module) {
  nb::class_<PyNode>(
      module, "Node",
      "An operator applied to values. node['axis'] reads an attribute, sets it or, with del, drops it.")
      .def_prop_ro(
          "op",
          [](const PyNode& self) {
            return self.node().domain.empty() ? self.node().op : self.node().domain + "::" + self.node().op;
          },
          "Its operator: 'Relu', 'com.microsoft::Gelu'.")
      .def_prop_rw(
          "name", [](const PyNode& self) { return self.node().name; },
          [](const PyNode& self, const std::string& name) { self.node().name = name; },
          "Its name, for messages; may be set, and need not be unique.")
      .def_prop_ro(
          "inputs", [](const PyNode& self) { return values_of(self.owner, self.node().inputs); },
          nb::sig("def inputs(self) -> list[Value | None]"),
          "The values it takes; None for one that is left out.")
      .def_prop_ro(
          "outputs", [](const PyNode& self) { return values_of(self.owner, self.node().outputs); },
          nb::sig("def outputs(self) -> list[Value | None]"),
          "The values it computes; None for one that is left out.")
      .def(
          "set_input",
          [](const PyNode& self, std::size_t i, nb::handle value) {
            Node& node = self.node();
            require(i < node.inputs.size(), "{}: expected an input below {}, got {}", describe(node),
                    node.inputs.size(), i);
            const ValueId id = value.is_none() ? ValueId::None : value_in(self.owner, value);
            self.node().inputs[i] = id;
          },
          nb::arg("index"), nb::arg("value").none(), "Lets input `index` be another value, or left out.")
      .def_prop_ro(
          "attributes",
          [](const PyNode& self) {
            nb::dict out;
            for (const auto& [name, attribute] : self.node().attributes)
              out[nb::str(name.c_str())] = from_attribute(attribute);
            return out;
          },
          nb::sig("def attributes(self) -> dict[str, typing.Any]"), "Its attributes by name: a copy.")
      .def("__getitem__",
           [](const PyNode& self, const std::string& name) {
             const Attribute* found = self.node().attributes.find(name);
             if (found == nullptr) throw nb::key_error(name.c_str());
             return from_attribute(*found);
           })
      .def("__contains__",
           [](const PyNode& self, const std::string& name) { return self.node().attributes.has(name); })
      .def(
          "__setitem__",
          [](const PyNode& self, const std::string& name, nb::handle value) {
            Attribute attribute = to_attribute(value, describe(self.node()) + ": " + name);
            self.node().attributes.set(name, std::move(attribute));
          },
          nb::arg("name"), nb::arg("value").none())
      .def("__delitem__",
           [](const PyNode& self, const std::string& name) {
             if (!self.node().attributes.has(name)) throw nb::key_error(name.c_str());
             self.node().attributes.erase(name);
           })
      .def("__eq__",
           [](const PyNode& self, nb::handle other) {
             return nb::isinstance<PyNode>(other) && self == nb::cast<const PyNode&>(other);
           })
      .def("__hash__", &PyNode::hash)
      .def("__repr__", [](const PyNode& self) { return "<atlas.Node " + describe(self.node()) + ">"; });
}

}  // namespace

void bind_graph_parts(nb::module_& module) {
  bind_value(module);
  bind_node(module);
}

}  // namespace atlas::python
