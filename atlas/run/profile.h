// Measured timelines of a session's runs.
#pragma once

#include <cstddef>
#include <span>
#include <vector>

#include "atlas/run/hardware_counters.h"
#include "atlas/run/session.h"
#include "atlas/timeline/timeline.h"

namespace atlas {

struct ProfileOptions {
  double seconds = 1;    // how long runs are recorded, three at least
  std::size_t runs = 0;  // how many instead
  RunOptions run;
  const HardwareCounters* counters = nullptr;  // made before the session, so that its threads are counted
};

struct Profile {
  Timeline timeline;                 // of the run whose time is the median
  std::vector<double> runs_s;        // of all that were recorded, from the fastest on
  std::vector<double> plain_runs_s;  // of as many in between that were not recorded
  /// What recording adds, as a part of the time without it: by the fastest tenth, which others disturb least.
  double overhead() const;
};

/// Runs once to warm up, once for sizes, costs and memory, then as the options say for times, every other run
/// not recorded, and once more for counters. Throws what a run throws; Unsupported where runs on the same
/// inputs take different steps; ResourceExhausted where one has more than a million.
Profile profile(const Session& session, const OpRegistry& ops, std::span<const Datum> inputs,
                const ProfileOptions& options = {});

}  // namespace atlas
