// `atlas predict --all`: one workload or model on every machine, the fastest first.
#pragma once

#include <functional>

#include "atlas/timeline/timeline.h"
#include "cli/device.h"

namespace atlas::cli {

/// What is compared, of one device.
struct Answer {
  Timeline timeline;   // of one chip
  std::string source;  // level of its constants
  double samples = 1;  // of a step
  double chips = 1;
  double bytes = 0;  // that each chip must hold; 0 where it is not known
};

/// Asks for each machine whose form suits: chips where one is wanted, else nodes. Machines that cannot
/// compute it are counted. Samples per second and kUSD, and per joule, where price and power are known.
void compare_machines(Devices& devices, bool on_nodes, const std::function<Answer(const Device&)>& ask);

}  // namespace atlas::cli
