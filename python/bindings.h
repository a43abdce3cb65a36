// The parts of the extension module, one function each.
#pragma once

#include <nanobind/nanobind.h>

#include <optional>
#include <string>
#include <vector>

#include "atlas/graph/graph.h"
#include "atlas/graph/limits.h"

namespace atlas::python {

/// A graph with the count of rewrites that made ids of nodes and values void.
struct PyGraph {
  Graph graph;
  std::size_t generation = 0;
};

/// Where `model` is a path, that path.
std::optional<std::string> path_of_model(nanobind::handle model);

/// A path, the bytes of an ONNX model, an onnx.ModelProto, or a Graph, which is copied.
Graph read_model(nanobind::handle model, const Limits& limits = {});

/// Turns what C++ throws into atlas.Error.
void bind_error();
/// Node and Value, then Graph.
void bind_graph_parts(nanobind::module_& module);
void bind_graph(nanobind::module_& module);
/// read_image and write_image.
void bind_images(nanobind::module_& module);
/// Recipe and RecipeResult, which python/atlas/_recipe.py dresses.
void bind_recipe(nanobind::module_& module);
/// Session and Port.
void bind_session(nanobind::module_& module);

}  // namespace atlas::python
