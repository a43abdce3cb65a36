// A description of the host, measured.
#pragma once

#include <string>

namespace atlas::cli {

/// YAML of this machine as `atlas machine check` takes it: f32 and 8-bit multiply-adds, clock, caches and
/// memory with bandwidth and latency, the cost of a loop that all threads share. Takes a few seconds.
/// `threads` 0: as many as the process may use.
std::string calibrated_machine(std::size_t threads);

}  // namespace atlas::cli
