// The extension module atlas._core.
#include <nanobind/nanobind.h>

#include "atlas/base/version.h"
#include "python/bindings.h"

NB_MODULE(_core, module) {
  module.doc() = "The compiled part of the package atlas, which is where to use it from.";
  module.attr("version") = atlas::version();
  atlas::python::bind_error();
  atlas::python::bind_graph_parts(module);
  atlas::python::bind_graph(module);
  atlas::python::bind_session(module);
  atlas::python::bind_images(module);
  atlas::python::bind_recipe(module);
}
