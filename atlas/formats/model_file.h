// Models read from files of any form, told by their names.
#pragma once

#include <filesystem>

#include "atlas/graph/graph.h"

namespace atlas {

/// Whether the name of a model's file says that it holds Atlas' text form: .txt or .atlas.
bool is_text_form(const std::filesystem::path& path);

/// Reads a model: ONNX, or Atlas' text form where the name ends in .txt or .atlas.
Graph load_model(const std::filesystem::path& path);

}  // namespace atlas
