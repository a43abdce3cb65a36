// Which values of a program live in its arena, and where, once the sizes of its inputs are known.
#pragma once

#include <map>
#include <optional>
#include <vector>

#include "atlas/graph/graph.h"
#include "atlas/mapping/memory_plan.h"
#include "atlas/targets/cpu/kernel.h"

namespace atlas::cpu {

/// What planning must know of a step. Outputs of references come from the heap.
struct StepShape {
  NodeId node;
  Sharing sharing = Sharing::None;
  bool is_kernel = false;
};

/// Place of one value: bytes [offset, offset + size) of the arena, nothing where it comes from the heap.
/// Parts of an output of the graph have one in its memory too.
struct Place {
  std::size_t offset = 0;
  std::size_t size_bytes = 0;
  ValueId output = ValueId::None;
  std::size_t output_offset = 0;
};

struct ArenaPlan {
  std::vector<std::optional<Place>> places;  // by value
  std::size_t arena_bytes = 0;
  std::map<ValueId, Shape> early;  // outputs whose parts are made before them
};

/// Lifetimes and sharing, found once per program; offsets, found once per set of input sizes.
///
/// What a step joins is written where it will stand in the result, where that can be: a value in memory of
/// its own has it for as long as the result lives, and there is no copy.
class ArenaPlanner {
 public:
  ArenaPlanner(const Graph& graph, const std::vector<StepShape>& steps);

  /// Values that no later step needs, by step.
  const std::vector<std::vector<ValueId>>& dead_after() const { return dead_after_; }

  /// A value whose size does not follow from `symbols` is left to the heap.
  ArenaPlan plan(const SymbolTable& symbols) const;

 private:
  struct Block {
    ValueId value;
    std::size_t first = 0;
    std::size_t last = 0;
    std::vector<ValueId> in_place_of;  // inputs that its memory may be taken from
  };
  struct Part {
    ValueId whole;                // a result of joining
    std::vector<ValueId> before;  // what stands in front of it there
  };

  bool may_plan(ValueId value) const;
  bool is_output(ValueId value) const;
  ValueId top(ValueId root) const;
  void find_parts(const std::vector<StepShape>& steps, const std::vector<bool>& outlives);
  std::optional<Shape> shape_of(ValueId value, const SymbolTable& symbols) const;
  std::optional<std::size_t> bytes_of(ValueId value, const SymbolTable& symbols) const;
  std::optional<std::size_t> offset_of(const Part& part, const SymbolTable& symbols) const;

  const Graph& graph_;
  std::vector<ValueId> root_;               // by value: whose memory it shows
  std::vector<std::optional<Part>> parts_;  // by value, of roots
  std::vector<Block> blocks_;               // in the order of steps
  std::vector<std::vector<ValueId>> dead_after_;
};

}  // namespace atlas::cpu
