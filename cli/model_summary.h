// What a model consists of and what one run of it costs, before it runs.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "atlas/graph/graph.h"
#include "atlas/ops/ops.h"

namespace atlas::cli {

struct OperatorUse {
  std::string name;  // "Conv", "com.microsoft::Gelu"
  std::size_t nodes = 0;
  double operations = 0;
};

/// Nested graphs count once, whichever branch would run and however often.
struct ModelSummary {
  std::vector<OperatorUse> operators;  // the most frequent first
  std::size_t nodes = 0;
  std::size_t parameters = 0;  // elements of constants
  std::uint64_t parameter_bytes = 0;
  std::uint64_t activation_bytes = 0;  // of the top graph's intermediate values, memory shared over time
  Cost cost;
  std::size_t unpriced_nodes = 0;  // left out of the three above for want of known shapes
};

/// Of a graph whose types were inferred and whose functions were inlined.
ModelSummary summarize(const Graph& graph, const OpRegistry& ops);

}  // namespace atlas::cli
