// Costs of operators that compute nothing: views, and copies of elements.
#pragma once

#include "atlas/ops/cost_context.h"

namespace atlas {

/// The same elements under another shape: no traffic at all.
inline Cost cost_of_view(const CostContext&) {
  return {};
}

/// Whatever is written was read once; nothing is computed.
inline Cost cost_of_move(const CostContext& context) {
  Cost cost = context.traffic();
  cost.bytes_read = cost.bytes_written;
  return cost;
}

/// All inputs are read, nothing is computed.
inline Cost cost_of_traffic(const CostContext& context) {
  return context.traffic();
}

}  // namespace atlas
