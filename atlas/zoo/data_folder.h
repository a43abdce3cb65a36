// Where the files are that Atlas brings along: manifests and recipes.
#pragma once

#include <filesystem>

namespace atlas {

/// The folder that holds `zoo/`: $ATLAS_DATA, or the nearest of the folders above this program, or
/// `share/atlas` in one of them. Throws NotFound.
std::filesystem::path data_folder();

}  // namespace atlas
