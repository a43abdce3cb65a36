// Model files of every form that Atlas reads and writes.
#pragma once

#include <filesystem>

#include "atlas/formats/onnx/onnx_writer.h"
#include "atlas/graph/graph.h"
#include "atlas/graph/limits.h"

namespace atlas {

/// Whether the name of a model's file says that it holds Atlas' text form: .txt or .atlas.
bool is_text_form(const std::filesystem::path& path);

/// Reads a model: the one in a compiled file, Atlas' text form where the name says so, else ONNX. Throws as
/// their readers do.
Graph load_model(const std::filesystem::path& path, const Limits& limits = {});

/// Writes a model in the form that its name says: .onnx, or the text form, to which `options` do not apply.
/// Throws InvalidArgument on another name, or where options are given that do not apply.
void save_model(const Graph& graph, const std::filesystem::path& path, const OnnxWriteOptions& options = {});

}  // namespace atlas
