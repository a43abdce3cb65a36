// Files of labels that recipes name.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

namespace atlas {

/// One label a line, whichever way lines end; one may be empty. Throws InvalidArgument on a file without
/// lines, ResourceExhausted beyond a million.
std::vector<std::string> read_labels(const std::filesystem::path& path);

}  // namespace atlas
