// Two timelines of the same work, side by side.
#pragma once

#include <string>
#include <vector>

#include "atlas/timeline/timeline.h"

namespace atlas {

/// Seconds before and after; 0 where one side lacks it.
struct TimeChange {
  std::string name;  // of a step's node, or of an operator
  std::string op;    // of a step: its operators, "before -> after" where they differ
  double before_s = 0;
  double after_s = 0;

  double difference_s() const { return after_s - before_s; }
};

struct TimelineDiff {
  TimeChange total;
  std::vector<TimeChange> operators;  // the largest difference first
  std::vector<TimeChange> steps;      // likewise
  std::size_t only_before = 0;        // steps that the other side lacks
  std::size_t only_after = 0;
};

/// Steps are matched by node; of nodes that ran several times, all runs together.
TimelineDiff diff_timelines(const Timeline& before, const Timeline& after);

/// For people: totals, operators and the `shown` steps that differ most.
std::string text(const TimelineDiff& diff, std::size_t shown);
Json timeline_diff_json(const TimelineDiff& diff);

}  // namespace atlas
