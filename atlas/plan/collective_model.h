// Time of collectives among the chips of one node.
#pragma once

#include <span>

#include "atlas/plan/chip.h"
#include "atlas/plan/constants.h"
#include "atlas/plan/estimate.h"

namespace atlas {

enum class CollectiveKind { AllReduce, AllGather, ReduceScatter, AllToAll, Broadcast };

struct Collective {
  CollectiveKind kind = CollectiveKind::AllReduce;
  double bytes = 0;  // of the whole result (all-reduce, broadcast), of all parts together (the others)
};

extern const Family kCollectiveFamily;

/// Throws InvalidArgument where the chip stands in no node.
Estimate predict_collective(const Chip& chip, std::span<const double> constants, const Collective& op);

}  // namespace atlas
