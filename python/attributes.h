// Attributes of nodes as Python has them: numbers, strings, lists of them, arrays, graphs.
#pragma once

#include <nanobind/nanobind.h>

#include <string_view>

#include "atlas/graph/attribute.h"

namespace atlas::python {

/// Throws InvalidArgument, opening with `where`, where no attribute can be such a thing. An empty list is one
/// of integers.
Attribute to_attribute(nanobind::handle value, std::string_view where);

/// Types and references to attributes of a function become their text form.
nanobind::object from_attribute(const Attribute& attribute);

}  // namespace atlas::python
