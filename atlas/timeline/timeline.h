// What happened, or would happen, when a graph ran on a machine: one type for both.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "atlas/base/csv.h"
#include "atlas/base/json.h"
#include "atlas/timeline/roof.h"

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
  std::string format;   // number format of most of its operations: "f32"; "" where it has none
  std::string shape;    // of its first output, "f32[1,64,56,56]"; "" where nobody said
  double roof_s = 0;    // the least time that the roof allows; 0 where there is no roof
  double nested_s = 0;  // part of the duration that is in events of nested graphs, which follow this one
  std::vector<double> counters;  // what hardware counted, as Timeline::counters names it; empty: not counted
  std::vector<std::size_t> reads;  // events of the same graph whose results it reads; empty where nobody said

  /// Without what is in other events.
  double self_s() const { return duration_s - nested_s; }
};

/// Another thread's part of a step.
struct ThreadSpan {
  std::size_t event = 0;   // index
  std::size_t thread = 0;  // from 1 on; 0 is the one that runs the steps
  double start_s = 0;
  double duration_s = 0;
};

/// Memory in use from `time_s` on, without constants.
struct MemorySample {
  double time_s = 0;
  double arena_bytes = 0;   // of values in planned memory
  double buffer_bytes = 0;  // of inputs, outputs and values whose sizes were not known before
};

struct Timeline {
  std::string graph;
  std::string machine;
  std::string
      source;  // "measured", or the level of a prediction: "data sheet", "transferred from ...", "calibrated"
  std::vector<Event> events;  // in order of their start
  Roof roof;
  std::vector<ThreadSpan> threads;    // of steps that several threads share
  std::vector<MemorySample> memory;   // in order of time; empty where it is not known
  std::vector<std::string> counters;  // names of what Event::counters holds
  std::vector<std::string> notes;     // for people: how it was measured, what could not be

  /// From the start of the first to the end of the last.
  double duration_s() const;
  double bytes() const;
  double operations() const;
  double energy_j() const;
  /// Of all events together, each by itself at its roof.
  double roof_s() const;
};

/// Gives every event its roof_s and, where it has none, its limit: "compute" or "memory", whichever is
/// nearer.
void set_roof(Timeline& timeline, Roof roof);

/// As docs/profile.md says.
Json timeline_json(const Timeline& timeline);

/// A timeline out of its JSON, or that of an earlier version, which had fewer members. `where` names it in
/// messages. Throws InvalidArgument where something is missing, of another kind or no number that makes
/// sense.
Timeline timeline_from_json(const Json& json, const std::string& where);

/// A row per event: node, op, limit, start_us, duration_us, bytes, operations, energy_j, format, shape,
/// roof_us, nested_us and the counters.
Csv timeline_csv(const Timeline& timeline);

}  // namespace atlas
