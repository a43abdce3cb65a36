// Between Python's arrays and Atlas' data: in place where the memory allows, and never with a silent change
// of type.
#pragma once

#include <nanobind/nanobind.h>

#include <string_view>

#include "atlas/graph/type.h"
#include "atlas/tensor/datum.h"

namespace atlas::python {

namespace nb = nanobind;

/// Data of `type` (which may be unknown) from what a caller passes: anything with the buffer protocol or
/// DLPack, nested lists and numbers, strings, lists for sequences, dicts for maps, None for what is left out.
/// Arrays that are dense and aligned are viewed and kept alive, others copied. Arrays keep their element
/// type; lists and numbers take the one that is wanted. Throws InvalidArgument, opening with `where`.
Datum to_datum(nb::handle value, const Type& type, std::string_view where);

/// The same for a tensor; DType::Undefined where any type will do.
Tensor to_tensor(nb::handle value, DType wanted, std::string_view where);

/// Memory of the caller's array that a run may write: dense, aligned and writable, or InvalidArgument.
Tensor to_lent_tensor(nb::handle array, std::string_view where);

/// A numpy array over the tensor's memory, which it keeps alive; strings and types below 8 bits are copied.
/// Throws Unsupported where the type needs ml_dtypes and it is not installed.
nb::object from_tensor(const Tensor& tensor, bool is_read_only = false);

/// Arrays; lists for sequences, dicts for maps, dense arrays for sparse tensors, None for nothing.
nb::object from_datum(const Datum& datum);

}  // namespace atlas::python
