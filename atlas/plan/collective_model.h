// Time of collectives among the chips of one node, or of several.
#pragma once

#include <span>

#include "atlas/plan/chip.h"
#include "atlas/plan/constants.h"
#include "atlas/plan/estimate.h"

namespace atlas {

enum class CollectiveKind { AllReduce, AllGather, ReduceScatter, AllToAll, Broadcast, Send };

struct Collective {
  CollectiveKind kind = CollectiveKind::AllReduce;
  double bytes = 0;     // of the whole result (all-reduce, broadcast), of all parts together (the others)
  double ranks = 0;     // chips that take part; 0: those of the node
  double per_node = 0;  // of them, that stand in one node; 0: all
};

extern const Family kCollectiveFamily;

/// Several nodes are seen by the bandwidth of their network alone: no topology, nobody else on it. Throws
/// InvalidArgument where the chip stands in no node, or its node in no network.
Estimate predict_collective(const Chip& chip, std::span<const double> constants, const Collective& op);

}  // namespace atlas
