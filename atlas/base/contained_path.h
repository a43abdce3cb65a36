// Paths that a file from outside names, kept inside a folder.
#pragma once

#include <filesystem>
#include <string_view>

namespace atlas {

/// `folder`/`relative`. Throws InvalidArgument where `relative` is empty, absolute, holds `..` or a zero
/// byte, or leads out of the folder through a symbolic link; NotFound where nothing is there.
std::filesystem::path contained_path(const std::filesystem::path& folder, std::string_view relative);

}  // namespace atlas
