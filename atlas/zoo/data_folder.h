// Where the files are that Atlas brings along: manifests, recipes and machines.
#pragma once

#include <filesystem>

namespace atlas {

/// The folder that holds `zoo/` and `machines/`: $ATLAS_DATA, or the nearest of the folders above the
/// program, or above the shared library that Atlas is in, or `share/atlas` in one of them. Throws NotFound.
std::filesystem::path data_folder();

}  // namespace atlas
