// Descriptions of machines out of YAML: strict, every figure with unit and source.
#pragma once

#include <filesystem>
#include <string>

#include "atlas/machine/machine.h"

namespace atlas {

/// Throws InvalidArgument "file:line: member: expected X, got Y" on what the form does not know, on figures
/// without unit or source, and on machines that cannot be. The name is the file's, without its ending.
Machine parse_machine(const std::string& text, const std::string& where);
Machine read_machine(const std::filesystem::path& path);

}  // namespace atlas
