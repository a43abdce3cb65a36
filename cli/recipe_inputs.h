// Which files `atlas run RECIPE INPUT...` means.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "atlas/pipeline/recipe/task.h"

namespace atlas::cli {

/// Files as they are named; in place of a folder the files in it and in its folders, by name: those whose
/// ending is that of a picture where the recipe takes pictures. Links in a folder are not followed. Throws
/// InvalidArgument where a folder holds none.
std::vector<std::filesystem::path> recipe_inputs(const std::vector<std::string>& names, InputKind kind);

/// A name for each input's picture in one folder: that of the input, with the ending .png.
std::vector<std::filesystem::path> picture_names(const std::vector<std::filesystem::path>& inputs);

}  // namespace atlas::cli
