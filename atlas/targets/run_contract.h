// What every target checks of a run's inputs and owes its outputs.
#pragma once

#include <span>
#include <string>

#include "atlas/graph/graph.h"
#include "atlas/tensor/datum.h"

namespace atlas {

/// Reads the sizes of a value into the symbols of its type; what is known of a symbol already stays. Throws
/// InvalidArgument where the datum is not of the value's type.
void bind_sizes(const Value& value, const Datum& datum, SymbolTable& symbols);

/// The same for all inputs of a graph; an empty Datum is allowed where the input has a default or is
/// optional.
void bind_inputs(const Graph& graph, std::span<const Datum> inputs, SymbolTable& symbols);

/// Copies a result into memory that the caller lent, whose type and shape must be those of the result.
void copy_output(const Tensor& from, Tensor& to, const std::string& name);

}  // namespace atlas
