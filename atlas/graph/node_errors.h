// Errors that leave the work on a node name the node.
#pragma once

#include "atlas/graph/graph.h"

namespace atlas {

/// For a catch block: throws what was caught with `describe(node)` and ": " before its message, unless it
/// opens so already. A lack of memory becomes ResourceExhausted.
[[noreturn]] void rethrow_naming(const Node& node);

/// Returns `body()`; what it throws names the node.
template <typename Body>
decltype(auto) naming(const Node& node, Body&& body) {
  try {
    return body();
  } catch (...) {
    rethrow_naming(node);
  }
}

}  // namespace atlas
