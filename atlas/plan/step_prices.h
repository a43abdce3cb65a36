// Steps of a network by the operators' models, with launches left out: a queue hides them.
#pragma once

#include "atlas/plan/graph_operators.h"
#include "atlas/plan/run_model.h"

namespace atlas {

/// Which sum of a run a step belongs to.
RunPart part_of(const Step& step);

class StepPrices {
 public:
  StepPrices(const Chip& chip, const Constants& constants);

  /// Once, not times its count.
  Estimate of(const Step& step) const;
  /// Adds all its times to the sums that it belongs to.
  void add(const Step& step, Run& run) const;

 private:
  const Chip& chip_;
  Constants constants_;
};

}  // namespace atlas
