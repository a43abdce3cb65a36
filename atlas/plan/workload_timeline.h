// A step of a workload as a timeline of one chip, with the totals that people ask for.
#pragma once

#include "atlas/plan/workload.h"
#include "atlas/timeline/timeline.h"

namespace atlas {

/// Events are the steps of the longest path, times all their repetitions, and in the end what the chip waits
/// for: the host ("host"), gradients ("gradients"). They add up to what `predict_run` says. Throws what
/// steps_of throws.
Timeline workload_timeline(const Workload& workload, const Chip& chip, const Constants& constants,
                           const std::string& source);

}  // namespace atlas
