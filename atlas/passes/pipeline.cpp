// The order of the passes, and how they are run.
#include <algorithm>
#include <chrono>

#include "atlas/base/error.h"
#include "atlas/graph/verify.h"
#include "atlas/ops/infer.h"
#include "atlas/passes/passes.h"

namespace atlas {

const std::vector<Pass>& pipeline() {
  static const std::vector<Pass> passes = {
      {"expand-gradients", "replaces Gradient nodes by the nodes that compute derivatives", expand_gradients,
       true},
      {"inline-functions", "replaces calls of a model's own functions by their bodies", inline_functions,
       true},
      {"eliminate-dead", "drops nodes that nothing depends on", eliminate_dead},
      {"localize-constants", "gives nested graphs their own view of captured constants", localize_constants},
      {"recognize-dequantize", "finds 8-bit weights that are widened in pieces", recognize_dequantize},
      {"gather-quantized", "looks up rows of 8-bit weights before it widens them", gather_quantized},
      {"fold-constants", "computes what depends on constants alone", fold_constants},
      {"fold-shapes", "computes sizes that follow from known shapes", fold_shapes},
      {"eliminate-identity", "drops nodes that change nothing and joins pairs of casts, transposes, reshapes",
       eliminate_identity},
      {"merge-common", "computes equal things once", merge_common},
      {"fold-padding", "makes zeros around an image the padding of the convolution behind", fold_padding},
      {"fold-affine", "moves scales and shifts of channels into the convolution before them", fold_affine},
      {"recognize-activations", "finds HardSwish, Swish and Gelu in pieces", recognize_activations},
      {"recognize-layer-norm", "finds layer normalisation in pieces", recognize_layer_norm},
  };
  return passes;
}

namespace {

// A pass that breaks a graph is a bug of that pass: the error says which.
void verify_after(const Pass& pass, Graph& graph, const OpRegistry& ops) {
  verify(graph);
  try {
    infer_types(graph, ops);
  } catch (const Error& error) {
    if (pass.required) throw;  // inlining meets types that nobody has checked before
    fail(ErrorCode::Internal, "pass '{}': {}", pass.name, error.what());
  }
}

}  // namespace

std::vector<PassReport> run_passes(Graph& graph, const OpRegistry& ops, const PassOptions& options) {
  constexpr int kMaxRounds = 4;
  for (const std::string& name : options.disabled) {
    const auto known = std::ranges::find(pipeline(), name, &Pass::name);
    require(known != pipeline().end(), "pass '{}': no such pass", name);
    require(!known->required, "pass '{}': cannot be switched off", name);
  }
  std::vector<PassReport> reports;
  for (const Pass& pass : pipeline()) reports.push_back({pass.name, 0, false});

  check_node_count(graph, options.limits);
  verify(graph);
  infer_types(graph, ops);
  bool changed = true;
  for (int round = 0; changed && round < kMaxRounds; ++round) {
    changed = false;
    for (std::size_t i = 0; i < pipeline().size(); ++i) {
      const Pass& pass = pipeline()[i];
      if (std::ranges::find(options.disabled, pass.name) != options.disabled.end()) continue;
      const auto start = std::chrono::steady_clock::now();
      if (options.limits.deadline && start > *options.limits.deadline)
        fail(ErrorCode::DeadlineExceeded, "graph '{}': out of time before pass '{}'", graph.name, pass.name);
      const bool did = pass.run(graph, ops);
      if (did) {
        graph.compact();
        check_node_count(graph, options.limits);
        verify_after(pass, graph, ops);
      }
      const std::chrono::duration<double, std::milli> elapsed = std::chrono::steady_clock::now() - start;
      reports[i].milliseconds += elapsed.count();
      reports[i].changed = reports[i].changed || did;
      changed = changed || did;
    }
  }
  return reports;
}

}  // namespace atlas
