// The characters that a recogniser of text tells apart.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

namespace atlas {

/// The labels of a CTC recogniser of PP-OCR: blank, the lines of the file, a space. Throws InvalidArgument on
/// a file without lines.
std::vector<std::string> read_dictionary(const std::filesystem::path& path);

}  // namespace atlas
