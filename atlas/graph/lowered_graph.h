// A graph as a target runs it, with the weights that its kernels packed: what a compiled file keeps.
#pragma once

#include <cstddef>
#include <memory>
#include <vector>

#include "atlas/graph/graph.h"

namespace atlas {

/// Of other types than floats and bytes inference may want the elements.
inline bool may_be_packed_away(DType dtype) {
  return is_floating(dtype) || dtype == DType::I8 || dtype == DType::U8;
}

struct PackedPart {
  std::shared_ptr<const std::byte[]> data;  // at a boundary of 64 bytes
  std::size_t size_bytes = 0;
};

struct LoweredGraph {
  Graph graph;
  /// Constants of `graph` whose elements nobody needs any more, for they are packed; each of a type that may
  /// be.
  std::vector<ValueId> packed_away;
  /// In the order in which the kernels of the nodes packed them.
  std::vector<PackedPart> packed;
};

}  // namespace atlas
