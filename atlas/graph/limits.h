// What a model may ask for before it is refused.
#pragma once

#include <chrono>
#include <cstddef>
#include <memory>
#include <optional>

#include "atlas/graph/graph.h"
#include "atlas/tensor/memory_budget.h"

namespace atlas {

/// How deep graphs may nest in each other at most.
inline constexpr int kMaxGraphDepth = 64;

struct Limits {
  /// Of the tensors that loading, compiling and running make, those that a caller still holds among them;
  /// what is mapped from files does not count. nullptr: all that the process may use.
  std::shared_ptr<MemoryBudget> memory;
  /// Of a model, those of its nested graphs and functions among them.
  std::size_t nodes = std::size_t{1} << 20;
  /// How deep graphs may nest in each other, up to kMaxGraphDepth.
  int nesting = kMaxGraphDepth;
  /// Past it compiling and runs end with DeadlineExceeded; looked at between passes and steps.
  std::optional<std::chrono::steady_clock::time_point> deadline;
};

/// What is left of the limits on a graph's form while a model is read.
class GraphBudget {
 public:
  explicit GraphBudget(const Limits& limits) : limits_(limits) {}

  /// Both throw ResourceExhausted. `depth` is 0 for the outermost graph.
  void enter_graph(int depth) const;
  void add_node();

 private:
  Limits limits_;
  std::size_t nodes_ = 0;
};

/// Throws ResourceExhausted where the graph, its nested graphs and its functions have more nodes together.
void check_node_count(const Graph& graph, const Limits& limits);

}  // namespace atlas
