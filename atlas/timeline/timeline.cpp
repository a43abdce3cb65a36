// Sums, and the two forms for other programs.
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

Json timeline_json(const Timeline& timeline) {
  Json events = Json::array();
  for (const Event& event : timeline.events)
    events.add(Json::object({{"node", event.node},
                             {"op", event.op},
                             {"limit", event.limit},
                             {"start_us", event.start_s * 1e6},
                             {"duration_us", event.duration_s * 1e6},
                             {"bytes", event.bytes},
                             {"operations", event.operations},
                             {"energy_j", event.energy_j}}));
  return Json::object({{"graph", timeline.graph},
                       {"machine", timeline.machine},
                       {"source", timeline.source},
                       {"duration_us", timeline.duration_s() * 1e6},
                       {"bytes", timeline.bytes()},
                       {"operations", timeline.operations()},
                       {"energy_j", timeline.energy_j()},
                       {"events", std::move(events)}});
}

Csv timeline_csv(const Timeline& timeline) {
  Csv csv;
  csv.columns = {"node", "op", "limit", "start_us", "duration_us", "bytes", "operations", "energy_j"};
  for (const Event& event : timeline.events)
    csv.rows.push_back({event.node, event.op, event.limit, fmt::format("{:.6g}", event.start_s * 1e6),
                        fmt::format("{:.6g}", event.duration_s * 1e6), fmt::format("{:.0f}", event.bytes),
                        fmt::format("{:.0f}", event.operations), fmt::format("{:.4g}", event.energy_j)});
  return csv;
}

}  // namespace atlas
