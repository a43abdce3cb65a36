// Sums, and the form for tables.
#include "atlas/timeline/timeline.h"

#include <fmt/core.h>

#include <algorithm>

namespace atlas {
namespace {

double sum(const std::vector<Event>& events, double Event::*member) {
  double total = 0;
  for (const Event& event : events) total += event.*member;
  return total;
}

}  // namespace

double Timeline::duration_s() const {
  if (events.empty()) return 0;
  double end = 0;
  for (const Event& event : events) end = std::max(end, event.start_s + event.duration_s);
  return end - events.front().start_s;
}

double Timeline::bytes() const {
  return sum(events, &Event::bytes);
}

double Timeline::operations() const {
  return sum(events, &Event::operations);
}

double Timeline::energy_j() const {
  return sum(events, &Event::energy_j);
}

double Timeline::roof_s() const {
  return sum(events, &Event::roof_s);
}

void set_roof(Timeline& timeline, Roof roof) {
  timeline.roof = std::move(roof);
  for (Event& event : timeline.events) {
    event.roof_s = timeline.roof.seconds(event.operations, event.format, event.bytes);
    if (event.roof_s == 0 || !event.limit.empty()) continue;
    const bool computes = event.operations / timeline.roof.operations_rate(event.format) >
                          event.bytes / timeline.roof.bytes_rate(event.bytes);
    event.limit = computes ? "compute" : "memory";
  }
}

Csv timeline_csv(const Timeline& timeline) {
  Csv csv;
  csv.columns = {"node",       "op",       "limit",  "start_us", "duration_us", "bytes",
                 "operations", "energy_j", "format", "shape",    "roof_us",     "nested_us"};
  csv.columns.insert(csv.columns.end(), timeline.counters.begin(), timeline.counters.end());
  const auto microseconds = [](double seconds) { return fmt::format("{:.6g}", seconds * 1e6); };
  for (const Event& event : timeline.events) {
    csv.rows.push_back({event.node, event.op, event.limit, microseconds(event.start_s),
                        microseconds(event.duration_s), fmt::format("{:.0f}", event.bytes),
                        fmt::format("{:.0f}", event.operations), fmt::format("{:.4g}", event.energy_j),
                        event.format, event.shape, microseconds(event.roof_s), microseconds(event.nested_s)});
    for (std::size_t i = 0; i < timeline.counters.size(); ++i)
      csv.rows.back().push_back(i < event.counters.size() ? fmt::format("{:.0f}", event.counters[i]) : "");
  }
  return csv;
}

}  // namespace atlas
