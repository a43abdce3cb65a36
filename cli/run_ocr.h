// `atlas run ocr`: the text in a picture.
#pragma once

#include <filesystem>

#include "cli/commands.h"

namespace atlas::cli {

/// `recipe` is an OCR recipe; `arguments` stand after its name. Exit code as for the commands.
int run_ocr(const std::filesystem::path& recipe, Arguments arguments);

}  // namespace atlas::cli
