// What was added to a model, removed from it and changed in it.
#pragma once

#include <string>
#include <vector>

#include "atlas/graph/graph.h"

namespace atlas {

struct Change {
  enum class Kind : std::uint8_t { Added, Removed, Changed };

  Kind kind = Kind::Changed;
  std::string what;  // "node", "constant", "input", "output"
  std::string name;
  std::string detail;  // of a change: what was before and what is now
};

struct ConstantPair {
  std::string name;
  Tensor before;
  Tensor after;
};

struct GraphDiff {
  std::vector<Change> changes;          // inputs, outputs, nodes, then constants that only one has
  std::vector<ConstantPair> constants;  // in both, with other bits
  std::size_t same_nodes = 0;
  std::size_t same_constants = 0;

  bool is_empty() const { return changes.empty() && constants.empty(); }
};

/// Nodes are the same by name, or by the name of the first value they make where they have none; values and
/// constants by name. A model whose names were all made anew has everything removed and added.
GraphDiff diff_graphs(const Graph& before, const Graph& after);

}  // namespace atlas
