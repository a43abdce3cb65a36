// `atlas run RECIPE INPUT...`: a recipe on files and folders of them.
#pragma once

#include <filesystem>

#include "cli/commands.h"

namespace atlas::cli {

/// Does what `run` does, with a recipe's file; `arguments` are those behind the recipe's name.
int run_recipe(const std::filesystem::path& recipe, Arguments arguments);

}  // namespace atlas::cli
