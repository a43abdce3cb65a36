// A first recipe for a model that someone brings.
#pragma once

#include <string>
#include <string_view>

#include "atlas/graph/graph.h"

namespace atlas {

/// A recipe in YAML for a model that takes a picture, whose types are inferred: task, input and form of the
/// outputs as its shapes and metadata tell; what they do not tell is a guess, with a comment "not sure: ..."
/// beside it. It reads back by check_recipe. `file` is what the recipe calls the model. Throws Unsupported,
/// saying why, where no task fits.
std::string propose_recipe(const Graph& graph, std::string_view file);

}  // namespace atlas
