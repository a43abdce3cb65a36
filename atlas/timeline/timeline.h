// What happened, or would happen, when a graph ran on a machine: one type for both.
#pragma once

#include <string>
#include <vector>

#include "atlas/base/csv.h"
#include "atlas/base/json.h"

namespace atlas {

/// One step: a node, or several that ran as one.
struct Event {
  std::string node;   // name of the first node, or of a value that it makes where it has none
  std::string op;     // operators that ran as one, as in "Conv+Add+Relu"
  std::string limit;  // what decided its time: launch, compute, memory, ...; "" where nobody knows
  double start_s = 0;
  double duration_s = 0;
  double bytes = 0;
  double operations = 0;
  double energy_j = 0;
};

struct Timeline {
  std::string graph;
  std::string machine;
  std::string
      source;  // "measured", or the level of a prediction: "data sheet", "transferred from ...", "calibrated"
  std::vector<Event> events;  // in order of their start

  /// From the start of the first to the end of the last.
  double duration_s() const;
  double bytes() const;
  double operations() const;
  double energy_j() const;
};

/// {graph, machine, source, duration_us, bytes, operations, energy_j, events: [{node, op, limit, start_us,
/// ...}]}
Json timeline_json(const Timeline& timeline);

/// A row per event: node, op, limit, start_us, duration_us, bytes, operations, energy_j.
Csv timeline_csv(const Timeline& timeline);

}  // namespace atlas
