// Constants that a nested graph captures become constants of its own (the data is shared): kernels inside can
// then prepare their weights, and other passes see them.
#include "atlas/passes/passes.h"

namespace atlas {
namespace {

// Outermost first, so that a constant sinks through all levels at once.
bool localize(Graph& graph) {
  bool changed = false;
  for (std::size_t i = 0; i < graph.node_count(); ++i) {
    for_each_subgraph(graph.node(NodeId{static_cast<std::int32_t>(i)}), [&](Graph& nested) {
      changed = std::erase_if(nested.captures,
                              [&](const Capture& capture) {
                                if (!graph.is_constant(capture.outer)) return false;
                                nested.value(capture.inner).constant = graph.value(capture.outer).constant;
                                return true;
                              }) > 0 ||
                changed;
      changed = localize(nested) || changed;
    });
  }
  return changed;
}

}  // namespace

bool localize_constants(Graph& graph, const OpRegistry&) {
  return localize(graph);
}

}  // namespace atlas
