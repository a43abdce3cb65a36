// Element types as numpy and DLPack name them.
#pragma once

#include <nanobind/ndarray.h>

#include <optional>
#include <string_view>

#include "atlas/tensor/dtype.h"

namespace atlas::python {

struct ElementType {
  DType dtype;
  const char* numpy;  // the name of numpy's type, or of ml_dtypes'
  nanobind::dlpack::dtype dlpack;
  bool is_numpys = true;  // else it needs the package ml_dtypes
};

/// nullptr for strings, and where neither has such a type.
const ElementType* element_type(DType dtype);
const ElementType* element_type_of_numpy(std::string_view name);
const ElementType* element_type_of_dlpack(nanobind::dlpack::dtype dtype);

/// A type that a person wrote: numpy's name or Atlas' own ("float32", "f32"). Throws InvalidArgument.
DType parse_element_type(std::string_view name);

}  // namespace atlas::python
