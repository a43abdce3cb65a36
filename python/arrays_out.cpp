// To Python: numpy arrays over Atlas' memory.
#include <nanobind/ndarray.h>
#include <nanobind/stl/string.h>

#include <utility>
#include <vector>

#include "atlas/base/error.h"
#include "python/arrays.h"
#include "python/element_types.h"

namespace atlas::python {
namespace {

nb::object text_of(const std::string& bytes) {
  return nb::bytes(bytes.data(), bytes.size()).attr("decode")("utf-8", "surrogateescape");
}

nb::tuple shape_of(const Tensor& tensor) {
  nb::list out;
  for (const std::int64_t extent : tensor.shape()) out.append(extent);
  return nb::tuple(out);
}

// numpy would look into strings that are sequences of something, so the array is made first and then filled.
nb::object strings(const Tensor& tensor) {
  nb::list texts;
  for (const std::string& text : tensor.values<std::string>()) texts.append(text_of(text));
  nb::object array = nb::module_::import_("numpy").attr("empty")(texts.size(), nb::arg("dtype") = "object");
  array[nb::slice(nb::none(), nb::none(), nb::none())] = texts;
  return array.attr("reshape")(shape_of(tensor));
}

nb::object view(const Tensor& tensor, nb::dlpack::dtype dtype, bool is_read_only) {
  auto* held = new Tensor(tensor);
  const nb::capsule owner(held, [](void* kept) noexcept { delete static_cast<Tensor*>(kept); });
  const std::vector<std::size_t> shape(tensor.shape().begin(), tensor.shape().end());
  void* data = const_cast<void*>(tensor.raw());
  if (is_read_only)
    return nb::cast(nb::ndarray<nb::numpy, nb::ro>(data, shape.size(), shape.data(), owner, nullptr, dtype));
  return nb::cast(nb::ndarray<nb::numpy>(data, shape.size(), shape.data(), owner, nullptr, dtype));
}

// One element a byte, in its low bits, as ml_dtypes has them.
Tensor unpacked(const Tensor& tensor) {
  Tensor out(DType::U8, tensor.shape());
  const int width = bits(tensor.dtype());
  const unsigned mask = (1u << width) - 1;
  const std::size_t per_byte = static_cast<std::size_t>(8 / width);
  const auto* from = static_cast<const std::uint8_t*>(tensor.raw());
  auto* to = static_cast<std::uint8_t*>(out.raw_mutable());
  for (std::size_t i = 0; i < out.element_count(); ++i) {
    to[i] = static_cast<std::uint8_t>(from[i / per_byte] >> (i % per_byte * static_cast<std::size_t>(width)) &
                                      mask);
  }
  return out;
}

// The package that has the types that numpy lacks.
nb::object ml_dtype(const ElementType& type) {
  try {
    return nb::module_::import_("ml_dtypes").attr(type.numpy);
  } catch (nb::python_error& error) {
    if (!error.matches(PyExc_ImportError) && !error.matches(PyExc_AttributeError)) throw;
    fail(ErrorCode::Unsupported, "numpy has no {} (pip install ml-dtypes, which does)", type.numpy);
  }
}

}  // namespace

nb::object from_tensor(const Tensor& tensor, bool is_read_only) {
  if (tensor.dtype() == DType::String) return strings(tensor);
  const ElementType* type = element_type(tensor.dtype());
  ensure(type != nullptr, "an element type that Python's table lacks");
  if (type->is_numpys) return view(tensor, type->dlpack, is_read_only);
  const nb::object numpy_type = ml_dtype(*type);
  const bool is_small = bits(type->dtype) < 8;
  const nb::dlpack::dtype plain =
      bits(type->dtype) > 8 ? nb::dtype<std::uint16_t>() : nb::dtype<std::uint8_t>();
  return view(is_small ? unpacked(tensor) : tensor, plain, is_read_only).attr("view")(numpy_type);
}

nb::object from_datum(const Datum& datum) {
  if (datum.is_empty()) return nb::none();
  if (datum.is_tensor()) return from_tensor(datum.tensor());
  if (datum.is_sparse()) return from_tensor(densify(datum.sparse()));
  if (datum.is_sequence()) {
    nb::list out;
    for (const Datum& element : datum.sequence()) out.append(from_datum(element));
    return out;
  }
  nb::dict out;
  const nb::object keys = from_tensor(datum.map().keys).attr("tolist")();
  const nb::object values = from_tensor(datum.map().values).attr("tolist")();
  for (std::size_t i = 0; i < nb::len(keys); ++i) out[keys[i]] = values[i];
  return out;
}

}  // namespace atlas::python
