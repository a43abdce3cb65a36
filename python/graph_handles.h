// Nodes and values of a graph as Python holds them, and how they are found.
#pragma once

#include <nanobind/nanobind.h>

#include <string>
#include <utility>
#include <vector>

#include "atlas/base/error.h"
#include "python/bindings.h"

namespace atlas::python {

namespace nb = nanobind;

/// A node or value of a graph, which it keeps alive. Void once passes have renumbered the graph.
template <typename Id>
struct Handle {
  nb::object owner;
  std::size_t generation;
  Id id;

  Handle(nb::object owner, Id id) : owner(std::move(owner)), generation(0), id(id) {
    generation = nb::cast<const PyGraph&>(this->owner).generation;
  }
  Graph& graph() const {
    PyGraph& held = nb::cast<PyGraph&>(owner);
    require(held.generation == generation, "graph '{}': a node or value of before simplify()",
            held.graph.name);
    return held.graph;
  }
  bool operator==(const Handle& other) const {
    return owner.is(other.owner) && generation == other.generation && id == other.id;
  }
  std::size_t hash() const { return std::hash<const void*>()(owner.ptr()) * 31 + index(id); }
};

struct PyNode : Handle<NodeId> {
  using Handle::Handle;
  Node& node() const {
    Node& found = graph().node(id);
    require(!found.op.empty(), "graph '{}': a node that was erased", graph().name);
    return found;
  }
};

struct PyValue : Handle<ValueId> {
  using Handle::Handle;
  Value& value() const { return graph().value(id); }
};

Graph& graph_of(nb::handle self);

/// A value of this graph, given itself or by its name. Throws NotFound, InvalidArgument.
ValueId value_in(nb::handle self, nb::handle value);

/// Lists of Value and Node; None for what is left out.
nb::list values_of(nb::handle self, const std::vector<ValueId>& ids);
nb::list nodes_of(nb::handle self, const std::vector<NodeId>& ids);

/// `name`, where the graph has no value of that name yet. Throws InvalidArgument.
std::string fresh_name(const Graph& graph, const std::string& name);

/// A value as it is; anything else as a constant, numbers of Python's in the type of `like`, if that is one.
ValueId operand(nb::handle self, nb::handle value, ValueId like);

}  // namespace atlas::python
