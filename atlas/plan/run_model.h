// Time of a step of a whole network: what its operators take, and what the host and the links add.
#pragma once

#include <span>

#include "atlas/plan/chip.h"
#include "atlas/plan/constants.h"
#include "atlas/plan/estimate.h"

namespace atlas {

/// Sums over the operators of a step on its longest path, by their models and without their launches.
struct Run {
  double products_s = 0;
  double convolutions_s = 0;
  double grouped_s = 0;    // convolutions in groups
  double depthwise_s = 0;  // in groups of one channel
  double streams_s = 0;    // whatever memory bounds
  double links_s = 0;      // exchanges that the next operator waits for
  double kernels = 0;
  double samples = 0;     // that the host prepares
  double passes = 1;      // forward, or forward and backward, that the host begins one by one
  double exchange_s = 0;  // of gradients among replicas
  double operations = 0;
  double bytes = 0;
};

extern const Family kRunFamily;

Estimate predict_run(const Chip& chip, std::span<const double> constants, const Run& run);

}  // namespace atlas
