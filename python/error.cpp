// What C++ throws, as the exception that python/atlas/_error.py defines.
#include "atlas/base/error.h"

#include <exception>

#include "python/bindings.h"

namespace atlas::python {
namespace {

void translate(const std::exception_ptr& thrown, void* type) {
  try {
    std::rethrow_exception(thrown);
  } catch (const Error& error) {
    const nanobind::handle type_object(static_cast<PyObject*>(type));
    // Names in a file are any bytes.
    const std::string message = error.what();
    nanobind::object text =
        nanobind::bytes(message.data(), message.size()).attr("decode")("utf-8", "replace");
    nanobind::object raised = type_object(text);
    raised.attr("code") = name(error.code());
    PyErr_SetObject(type_object.ptr(), raised.ptr());
  }
}

}  // namespace

void bind_error() {
  nanobind::object type = nanobind::module_::import_("atlas._error").attr("Error");
  nanobind::register_exception_translator(translate, type.release().ptr());
}

}  // namespace atlas::python
