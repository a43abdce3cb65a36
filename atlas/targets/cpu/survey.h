// How the CPU target would run the nodes of a graph, found out without keeping what compiling makes.
#pragma once

#include <vector>

#include "atlas/ops/ops.h"
#include "atlas/targets/target.h"

namespace atlas::cpu {

std::vector<NodeSupport> survey(const Graph& graph, const OpRegistry& ops);

}  // namespace atlas::cpu
