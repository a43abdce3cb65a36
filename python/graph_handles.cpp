// Values by handle, by name, or made of what a person writes.
#include "python/graph_handles.h"

#include <nanobind/stl/string.h>

#include "atlas/graph/builder.h"
#include "python/arrays.h"

namespace atlas::python {

Graph& graph_of(nb::handle self) {
  return nb::cast<PyGraph&>(self).graph;
}

ValueId value_in(nb::handle self, nb::handle value) {
  const Graph& graph = graph_of(self);
  if (nb::isinstance<nb::str>(value)) {
    const auto name = nb::cast<std::string>(value);
    const ValueId found = graph.find(name);
    if (found == ValueId::None)
      fail(ErrorCode::NotFound, "graph '{}': there is no value '{}'", graph.name, name);
    return found;
  }
  require(nb::isinstance<PyValue>(value), "graph '{}': expected a Value or the name of one", graph.name);
  const auto& handle = nb::cast<const PyValue&>(value);
  require(handle.owner.is(self), "graph '{}': a value of another graph", graph.name);
  handle.graph();
  return handle.id;
}

nb::list values_of(nb::handle self, const std::vector<ValueId>& ids) {
  nb::list out;
  for (const ValueId id : ids) {
    if (id == ValueId::None)
      out.append(nb::none());
    else
      out.append(nb::cast(PyValue(nb::borrow(self), id)));
  }
  return out;
}

nb::list nodes_of(nb::handle self, const std::vector<NodeId>& ids) {
  nb::list out;
  for (const NodeId id : ids) out.append(nb::cast(PyNode(nb::borrow(self), id)));
  return out;
}

std::string fresh_name(const Graph& graph, const std::string& name) {
  require(!name.empty(), "graph '{}': expected a name, got ''", graph.name);
  require(graph.find(name) == ValueId::None, "graph '{}': there is a '{}' already", graph.name, name);
  return name;
}

ValueId operand(nb::handle self, nb::handle value, ValueId like) {
  if (value.is_none()) return ValueId::None;
  if (nb::isinstance<PyValue>(value) || nb::isinstance<nb::str>(value)) return value_in(self, value);
  GraphBuilder builder(graph_of(self));
  const bool follows =
      like != ValueId::None && (nb::isinstance<nb::float_>(value) || nb::isinstance<nb::int_>(value));
  const DType wanted = follows ? builder.graph().value(like).type.dtype : DType::Undefined;
  const ValueId constant = builder.constant(to_tensor(value, wanted, "a constant").clone());
  return follows && wanted == DType::Undefined ? builder.op("CastLike", {constant, like}) : constant;
}

}  // namespace atlas::python
