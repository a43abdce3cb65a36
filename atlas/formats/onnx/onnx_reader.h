// ONNX models to graphs.
#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <memory>
#include <optional>
#include <string>

#include "atlas/graph/graph.h"
#include "atlas/graph/limits.h"
#include "atlas/tensor/buffer.h"

namespace atlas {

/// Reads a model and converts every operator to the newest version that Atlas knows.
///
/// The file is mapped: constants are views of it, and of the files of external data, where their alignment
/// allows. Inputs stand in the order of the file; before IR version 4 inputs that have an initialiser are
/// constants, since then they are inputs with a default. Local functions stay functions. What a model says
/// of itself becomes metadata: its metadata_props, and "onnx.producer_name", "onnx.producer_version",
/// "onnx.domain", "onnx.model_version" and "onnx.doc_string". Documentation of parts, quantisation
/// annotations, device configurations and training_info are not kept.
///
/// Throws Error, opening with the file and naming the node: NotFound, Io, InvalidArgument where the model is
/// malformed, Unsupported where an operator's meaning has no newest form or its version is not known,
/// ResourceExhausted past `limits`.
Graph read_onnx(const std::filesystem::path& path, const Limits& limits = {});

struct OnnxReadOptions {
  std::string name = "model";                   // opens messages
  std::optional<std::filesystem::path> folder;  // of external data; without one it is refused
  Limits limits;
};

/// The same from memory; the graph's constants keep `bytes` alive.
Graph read_onnx(std::shared_ptr<Buffer> bytes, const OnnxReadOptions& options = {});

/// What the head of a model says, read without its graph.
struct OnnxHeader {
  std::int64_t ir_version = 0;
  std::map<std::string, std::int64_t, std::less<>> opsets;  // by domain; "" is ai.onnx
  std::map<std::string, std::string> metadata;              // as in the graph
};

OnnxHeader read_onnx_header(const std::filesystem::path& path);

}  // namespace atlas
