// The exception of the package.
#include "atlas/base/error.h"

#include <exception>

#include "python/bindings.h"

namespace atlas::python {
namespace {

constexpr const char* kDoc =
    "What Atlas refuses or fails at. The text is what the command line says: \"where: expected X, got Y "
    "(what to do)\".\n"
    "\n"
    "`code` is one of \"invalid argument\", \"unsupported\", \"not found\", \"io\", \"resource exhausted\", "
    "\"cancelled\",\n"
    "\"deadline exceeded\", \"internal\".";

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

void bind_error(nanobind::module_& module) {
  PyObject* type = PyErr_NewExceptionWithDoc("atlas.Error", kDoc, PyExc_RuntimeError, nullptr);
  if (type == nullptr) throw nanobind::python_error();
  nanobind::handle(type).attr("code") = "";
  module.attr("Error") = nanobind::steal(type);
  nanobind::register_exception_translator(translate, type);
}

}  // namespace atlas::python
