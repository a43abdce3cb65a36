// Recipes by name, and the files that they name.
#pragma once

#include <filesystem>
#include <optional>
#include <string>

namespace atlas::cli {

/// The file of the recipe that `atlas run NAME` means: zoo/recipes/NAME.yaml of the data folder, or NAME
/// itself where it ends in .yaml. Nothing where NAME is not a recipe but a model.
std::optional<std::filesystem::path> find_recipe(const std::string& name);

/// The fetched file that a recipe names as MANIFEST/PATH. Throws NotFound, saying how to fetch it.
std::filesystem::path zoo_file(const std::string& reference);

}  // namespace atlas::cli
