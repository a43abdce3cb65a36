// Rewrites of graphs that hold for every target, and the order they run in.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "atlas/graph/graph.h"
#include "atlas/graph/limits.h"
#include "atlas/ops/ops.h"

namespace atlas {

struct Pass {
  std::string_view name;  // as --no-pass takes it
  std::string_view what;  // one line for people
  /// Rewrites the graph and its nested graphs; true where anything changed. Types are inferred before each
  /// pass.
  bool (*run)(Graph&, const OpRegistry&);
  bool required = false;  // cannot be switched off: later stages rely on it
};

/// All passes in the order they run.
const std::vector<Pass>& pipeline();

struct PassOptions {
  std::vector<std::string> disabled;  // names of passes; unknown ones throw InvalidArgument
  Limits limits;
};

struct PassReport {
  std::string_view name;
  double milliseconds = 0;  // all rounds together
  bool changed = false;
};

/// Infers types and runs the pipeline until nothing changes (at most a few rounds); the graph is verified
/// after every pass. Throws Error naming the pass where one breaks the graph, ResourceExhausted and
/// DeadlineExceeded past the limits.
std::vector<PassReport> run_passes(Graph& graph, const OpRegistry& ops, const PassOptions& options = {});

// One function per file of this folder.
bool eliminate_dead(Graph& graph, const OpRegistry& ops);
bool eliminate_identity(Graph& graph, const OpRegistry& ops);
/// Gradient nodes give way to the nodes that compute what they ask for: Unsupported, naming the node, where
/// an operator on the way has no rule. Gradient nodes inside nested graphs and functions stay.
bool expand_gradients(Graph& graph, const OpRegistry& ops);
bool fold_affine(Graph& graph, const OpRegistry& ops);
bool fold_constants(Graph& graph, const OpRegistry& ops);
bool fold_padding(Graph& graph, const OpRegistry&);
bool fold_shapes(Graph& graph, const OpRegistry& ops);
bool gather_quantized(Graph& graph, const OpRegistry&);
bool inline_functions(Graph& graph, const OpRegistry& ops);
bool localize_constants(Graph& graph, const OpRegistry& ops);
bool merge_common(Graph& graph, const OpRegistry& ops);
bool recognize_activations(Graph& graph, const OpRegistry& ops);
bool recognize_dequantize(Graph& graph, const OpRegistry&);
bool recognize_layer_norm(Graph& graph, const OpRegistry& ops);

}  // namespace atlas
