// Building graphs in code: one call per node.
#pragma once

#include <string>
#include <vector>

#include "atlas/graph/graph.h"

namespace atlas {

/// Adds nodes to a graph it does not own.
class GraphBuilder {
 public:
  /// `prefix` opens the names of what is made, where names are not given.
  explicit GraphBuilder(Graph& graph, std::string prefix = "") : graph_(graph), prefix_(std::move(prefix)) {}

  Graph& graph() { return graph_; }

  /// The one output of a new node, which bears its name. `op` is "Relu", or with a domain
  /// "com.microsoft::Gelu".
  ValueId op(std::string_view op, std::vector<ValueId> inputs, Attributes attributes = {});
  /// All outputs of a new node that has `output_count`.
  std::vector<ValueId> ops(std::string_view op, std::vector<ValueId> inputs, std::size_t output_count,
                           Attributes attributes = {});

  ValueId constant(Tensor tensor) { return graph_.add_constant(prefix_ + "constant", std::move(tensor)); }
  /// Rank 1, I64.
  ValueId ints(std::vector<std::int64_t> values) { return constant(Tensor::of_ints(values)); }
  ValueId scalar(float value) { return constant(Tensor::scalar(value)); }

 private:
  Graph& graph_;
  std::string prefix_;
};

}  // namespace atlas
