// Graphs to ONNX models.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>

#include "atlas/graph/graph.h"

namespace atlas {

struct OnnxWriteOptions {
  /// Version of ai.onnx's operators; 0 is the newest.
  std::int64_t opset = 0;
  /// Constants of 4 KiB and more go to "<file name>.data" beside the model. So they do unasked where they
  /// take more than 1.5 GiB together.
  bool external_data = false;
};

/// Writes a model that `read_onnx` turns into the same graph again, but for node and value ids, for names in
/// nested graphs that are taken around them, and for names that nodes share. Files are replaced only once
/// they are complete.
///
/// Throws Unsupported, naming the node, where the wanted opset (7 or newer) cannot express the graph; Io;
/// ResourceExhausted where what is left inside the model passes protobuf's 2 GiB.
void write_onnx(const Graph& graph, const std::filesystem::path& path, const OnnxWriteOptions& options = {});

/// The model as bytes, everything inside. `options.external_data` must not be set.
std::string write_onnx(const Graph& graph, const OnnxWriteOptions& options = {});

}  // namespace atlas
