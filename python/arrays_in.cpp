// From Python: the quick way for dense arrays, numpy's help for all else.
#include <nanobind/ndarray.h>
#include <nanobind/stl/string.h>

#include <string>

#include "atlas/base/error.h"
#include "python/arrays.h"
#include "python/element_types.h"

namespace atlas::python {
namespace {

using ReadOnlyView = nb::ndarray<nb::ro, nb::device::cpu>;
using WritableView = nb::ndarray<nb::device::cpu>;

nb::module_ numpy() {
  return nb::module_::import_("numpy");
}

std::string type_of(nb::handle value) {
  return nb::cast<std::string>(nb::handle(value.type()).attr("__name__"));
}

template <typename View>
bool is_dense(const View& view) {
  if (view.size() == 0) return true;
  std::int64_t step = 1;
  for (std::size_t i = view.ndim(); i-- > 0;) {
    if (view.shape(i) != 1 && view.stride(i) != step) return false;
    step *= static_cast<std::int64_t>(view.shape(i));
  }
  return true;
}

template <typename View>
bool is_aligned(const View& view) {
  const std::size_t element = view.dtype().code == static_cast<std::uint8_t>(nb::dlpack::dtype_code::Complex)
                                  ? view.itemsize() / 2
                                  : view.itemsize();
  return reinterpret_cast<std::uintptr_t>(view.data()) % std::max<std::size_t>(element, 1) == 0;
}

// Keeps the array alive, from whichever thread lets go last.
template <typename View>
Tensor tensor_over(View view, DType dtype, bool is_writable) {
  Shape shape(view.shape_ptr(), view.shape_ptr() + view.ndim());
  void* data = const_cast<void*>(static_cast<const void*>(view.data()));
  const std::size_t size_bytes = view.nbytes();
  auto* held = new View(std::move(view));
  const auto release = [held] {
    const nb::gil_scoped_acquire gil;
    delete held;
  };
  return Tensor(dtype, std::move(shape), Buffer::wrap(data, size_bytes, release, is_writable));
}

// Nothing where the array cannot be viewed as it is.
Tensor view_of(nb::handle value) {
  ReadOnlyView view;
  if (!nb::ndarray_check(value) || !nb::try_cast(value, view, false)) return {};
  const ElementType* type = element_type_of_dlpack(view.dtype());
  if (type == nullptr || !is_dense(view) || !is_aligned(view)) return {};
  return tensor_over(std::move(view), type->dtype, false);
}

Tensor strings_of(nb::handle array, std::string_view where) {
  Shape shape;
  for (nb::handle extent : array.attr("shape")) shape.push_back(nb::cast<std::int64_t>(extent));
  Tensor out(DType::String, std::move(shape));
  const auto values = out.values_mutable<std::string>();
  std::size_t i = 0;
  for (nb::handle element : array.attr("ravel")().attr("tolist")()) {
    nb::object bytes = nb::borrow(element);
    if (nb::isinstance<nb::str>(element)) bytes = element.attr("encode")("utf-8", "surrogateescape");
    require(nb::isinstance<nb::bytes>(bytes), "{}: expected str or bytes, got {}", where, type_of(element));
    const auto text = nb::borrow<nb::bytes>(bytes);
    values[i++] = std::string(text.c_str(), text.size());
  }
  return out;
}

// Elements below 8 bits, one a byte, into as few bytes as hold them.
Tensor packed(const Tensor& bytes, DType dtype) {
  Tensor out(dtype, bytes.shape());
  const int width = bits(dtype);
  const unsigned mask = (1u << width) - 1;
  const std::size_t per_byte = static_cast<std::size_t>(8 / width);
  const auto* from = static_cast<const std::uint8_t*>(bytes.raw());
  auto* to = static_cast<std::uint8_t*>(out.raw_mutable());
  std::fill_n(to, out.size_bytes(), std::uint8_t{0});
  for (std::size_t i = 0; i < bytes.element_count(); ++i)
    to[i / per_byte] |=
        static_cast<std::uint8_t>((from[i] & mask) << (i % per_byte * static_cast<std::size_t>(width)));
  return out;
}

// An array of numpy that holds numbers of any kind and layout.
Tensor numbers_of(nb::object array, std::string_view where) {
  nb::object dtype = array.attr("dtype");
  const auto name = nb::cast<std::string>(dtype.attr("name"));
  const ElementType* type = element_type_of_numpy(name);
  require(type != nullptr, "{}: there are no tensors of numpy's {}", where, name);
  if (!nb::cast<bool>(dtype.attr("isnative"))) array = array.attr("astype")(dtype.attr("newbyteorder")("="));
  nb::object flags = array.attr("flags");
  if (!nb::cast<bool>(flags["C_CONTIGUOUS"]) || !nb::cast<bool>(flags["ALIGNED"]))
    array = array.attr("copy")("C");
  if (!type->is_numpys) array = array.attr("view")(bits(type->dtype) > 8 ? "uint16" : "uint8");
  const Tensor view = view_of(array);
  require(view.is_defined(), "{}: numpy's {} cannot be read", where, name);
  if (bits(type->dtype) < 8) return packed(view, type->dtype);
  return Tensor(type->dtype, view.shape(), view.buffer());
}

// Lists, numbers, strings: whatever numpy makes an array of, of the type that is wanted.
nb::object array_of(nb::handle value, DType wanted, std::string_view where) {
  try {
    if (nb::isinstance(value, numpy().attr("ndarray"))) return nb::borrow(value);
    if (wanted == DType::String) return numpy().attr("asarray")(value, nb::arg("dtype") = "object");
    nb::object array = numpy().attr("asarray")(value);
    const ElementType* type = element_type(wanted);
    if (type == nullptr) return array;
    const auto kind = nb::cast<std::string>(array.attr("dtype").attr("kind"));
    if (kind == "O" || kind == "U" || kind == "S" || nb::hasattr(value, "dtype")) return array;
    nb::object numpy_type = type->is_numpys ? nb::object(nb::str(type->numpy))
                                            : nb::module_::import_("ml_dtypes").attr(type->numpy);
    // Every type that numpy does not know is one of numbers.
    const char* rule = type->is_numpys ? "same_kind" : "unsafe";
    return array.attr("astype")(numpy_type, nb::arg("casting") = rule);
  } catch (nb::python_error& error) {
    if (!error.matches(PyExc_TypeError) && !error.matches(PyExc_ValueError) &&
        !error.matches(PyExc_ImportError) && !error.matches(PyExc_OverflowError))
      throw;
    fail(ErrorCode::InvalidArgument, "{}: {}", where, nb::cast<std::string>(nb::str(error.value())));
  }
}

}  // namespace

Tensor to_tensor(nb::handle value, DType wanted, std::string_view where) {
  // Bytes are a string where strings are wanted.
  if (Tensor quick = wanted == DType::String ? Tensor() : view_of(value); quick.is_defined()) return quick;
  const nb::object array = array_of(value, wanted, where);
  const auto kind = nb::cast<std::string>(array.attr("dtype").attr("kind"));
  if (kind == "U" || kind == "S" || kind == "O" || kind == "T") return strings_of(array, where);
  return numbers_of(array, where);
}

Datum to_datum(nb::handle value, const Type& type, std::string_view where) {
  if (value.is_none()) return {};
  if (type.kind == Type::Kind::Optional) return to_datum(value, type.element.at(0), where);
  if (type.kind == Type::Kind::Sequence) {
    require(nb::isinstance<nb::list>(value) || nb::isinstance<nb::tuple>(value),
            "{}: expected a list, got {}", where, type_of(value));
    Sequence out;
    for (nb::handle element : nb::borrow(value)) out.push_back(to_datum(element, type.element.at(0), where));
    return out;
  }
  if (nb::isinstance<nb::dict>(value)) {
    const auto dict = nb::borrow<nb::dict>(value);
    const DType values = type.element.empty() ? DType::Undefined : type.element[0].dtype;
    return Map{to_tensor(dict.keys(), type.kind == Type::Kind::Map ? type.dtype : DType::Undefined, where),
               to_tensor(dict.values(), values, where)};
  }
  return to_tensor(value, type.is_tensor() ? type.dtype : DType::Undefined, where);
}

Tensor to_lent_tensor(nb::handle array, std::string_view where) {
  nb::object numbers = nb::borrow(array);
  const ElementType* type = nullptr;
  if (nb::isinstance(array, numpy().attr("ndarray"))) {
    type = element_type_of_numpy(nb::cast<std::string>(array.attr("dtype").attr("name")));
    if (type != nullptr && !type->is_numpys && bits(type->dtype) >= 8)
      numbers = array.attr("view")(bits(type->dtype) > 8 ? "uint16" : "uint8");
  }
  WritableView view;
  if (nb::ndarray_check(numbers) && nb::try_cast(numbers, view, false)) {
    if (type == nullptr) type = element_type_of_dlpack(view.dtype());
    if (type != nullptr && is_dense(view) && is_aligned(view))
      return tensor_over(std::move(view), type->dtype, true);
  }
  fail(ErrorCode::InvalidArgument, "{}: expected a writable, dense array of numbers, got {}", where,
       type_of(array));
}

}  // namespace atlas::python
