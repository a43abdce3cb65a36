// What the host's processor does at best, measured for a description of it.
#pragma once

#include <vector>

#include "atlas/base/thread_pool.h"
#include "atlas/timeline/roof.h"

namespace atlas::cpu {

/// Of one load that needs the result of the one before, all in a set of that many bytes.
struct LoadLatency {
  double set_bytes = 0;
  double seconds = 0;
};

struct HostFigures {
  Roof all_threads;  // bandwidth by bytes in use by all threads together
  Roof one_thread;
  double clock_hz = 0;                 // while one thread works
  std::vector<LoadLatency> latencies;  // of the sets that were asked for, in their order
  double launch_s = 0;                 // from one loop that all threads share to the next
};

/// Takes a few seconds.
HostFigures measure_host(ThreadPool& pool, const std::vector<double>& latency_sets);

}  // namespace atlas::cpu
