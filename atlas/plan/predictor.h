// Timelines of whole graphs on one machine, quickly: what was priced once is remembered.
#pragma once

#include <string>
#include <unordered_map>

#include "atlas/plan/graph_operators.h"
#include "atlas/timeline/timeline.h"

namespace atlas {

class Predictor {
 public:
  /// `source` says what the constants are worth: Provenance::text.
  Predictor(Chip chip, Constants constants, std::string source)
      : chip_(std::move(chip)), constants_(std::move(constants)), source_(std::move(source)) {}

  /// Remembered by key and sizes.
  const Estimate& estimate(const Operator& op);

  /// One step after the other, with the memory that results and inputs take meanwhile. Launching a step whose
  /// time is not decided by it overlaps with nothing: queues are assumed to be kept full.
  Timeline timeline(const Graph& graph, const StepList& steps);

  const Chip& chip() const { return chip_; }

 private:
  Chip chip_;
  Constants constants_;
  std::string source_;
  std::unordered_map<std::string, Estimate> known_;
};

}  // namespace atlas
