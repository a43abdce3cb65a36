// Passes at every level of a graph.
#pragma once

#include "atlas/graph/graph.h"

namespace atlas {

/// Calls edit(Graph&) -> bool for each nested graph, innermost first, then for `graph`; nested graphs that
/// change are compacted. True where any call changed something.
template <typename Edit>
bool edit_all_levels(Graph& graph, Edit&& edit) {
  bool changed = false;
  for (std::size_t i = 0; i < graph.node_count(); ++i) {
    for_each_subgraph(graph.node(NodeId{static_cast<std::int32_t>(i)}), [&](Graph& nested) {
      const bool did = edit_all_levels(nested, edit);
      if (did) nested.compact();
      changed = changed || did;
    });
  }
  return edit(graph) || changed;
}

}  // namespace atlas
