// What a model is fed from the command line: files, fixed sizes, random values.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "atlas/graph/graph.h"
#include "atlas/graph/port.h"
#include "atlas/tensor/datum.h"
#include "cli/command_line.h"

namespace atlas::cli {

/// The options of `run` and `bench` that say what goes in.
struct InputOptions {
  std::vector<std::string> files;   // "NAME=FILE", or "FILE" of an .npz that names its inputs
  std::vector<std::string> shapes;  // "NAME=1x3x224x224"
  std::optional<std::uint64_t> random_seed;

  void add_to(CommandLine& line);
};

/// Fixes symbolic dims of the graph's inputs as --shape says, in all inputs that share a symbol. Throws
/// InvalidArgument on unknown names and on sizes that contradict the model.
void apply_shapes(Graph& graph, const InputOptions& options);

/// The same as a change for open_session: none where no --shape is given.
std::function<void(Graph&)> shape_change(const InputOptions& options);

/// A value for each of a model's inputs, in order; an empty Datum for one that keeps its default. Files are
/// .npy, .npz, .pb (an ONNX TensorProto or the like) and images (U8 or floats in [0, 1], laid out as the
/// model's shape says: channels first, or last where the last dim is 1, 3 or 4). Missing inputs are random
/// with a seed: reals in [0, 1), integers 0 or 1, bools; a dim that nothing fixes is 1. Throws
/// InvalidArgument, naming the input, where one is missing and there is no seed.
std::vector<Datum> read_inputs(const std::vector<Port>& inputs, const InputOptions& options);

}  // namespace atlas::cli
