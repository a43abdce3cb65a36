// The form for other programs, there and back.
#include <cmath>

#include "atlas/base/error.h"
#include "atlas/timeline/timeline.h"

namespace atlas {
namespace {

constexpr double kMicro = 1e6;

Json roof_json(const Roof& roof) {
  Json rates = Json::object();
  for (const auto& [format, rate] : roof.operations_per_s) rates.set(format, rate);
  Json bandwidth = Json::array();
  for (const Bandwidth& level : roof.bandwidth)
    bandwidth.add(Json::object({{"set_bytes", level.set_bytes}, {"bytes_per_s", level.bytes_per_s}}));
  return Json::object(
      {{"source", roof.source}, {"operations_per_s", std::move(rates)}, {"bandwidth", std::move(bandwidth)}});
}

Json event_json(const Event& event) {
  Json json = Json::object({{"node", event.node},
                            {"op", event.op},
                            {"limit", event.limit},
                            {"start_us", event.start_s * kMicro},
                            {"duration_us", event.duration_s * kMicro},
                            {"bytes", event.bytes},
                            {"operations", event.operations},
                            {"energy_j", event.energy_j},
                            {"format", event.format},
                            {"shape", event.shape},
                            {"roof_us", event.roof_s * kMicro},
                            {"nested_us", event.nested_s * kMicro}});
  if (!event.counters.empty()) json.set("counters", Json::array_of(event.counters));
  if (!event.reads.empty()) json.set("reads", Json::array_of(event.reads));
  return json;
}

// A finite number that is not negative, in `unit`s; 0 where the member may be missing and is.
double number(const Json& json, std::string_view key, double unit = 1) {
  const double value = json.at(key).number() / unit;
  require(std::isfinite(value) && value >= 0, "{}: expected a number that is not negative, got {}", key,
          value);
  return value;
}
double number_or_0(const Json& json, std::string_view key, double unit = 1) {
  return json.find(key) ? number(json, key, unit) : 0;
}
std::string string_or_empty(const Json& json, std::string_view key) {
  const Json* found = json.find(key);
  return found ? found->string() : "";
}
const Json::Items& items_or_none(const Json& json, std::string_view key) {
  static const Json::Items none;
  const Json* found = json.find(key);
  return found ? found->items() : none;
}

// `position` is the event's own: it reads what stands before it.
Event event_from(const Json& json, std::size_t position) {
  Event event;
  event.node = json.at("node").string();
  event.op = json.at("op").string();
  event.limit = string_or_empty(json, "limit");
  event.start_s = number(json, "start_us", kMicro);
  event.duration_s = number(json, "duration_us", kMicro);
  event.bytes = number_or_0(json, "bytes");
  event.operations = number_or_0(json, "operations");
  event.energy_j = number_or_0(json, "energy_j");
  event.format = string_or_empty(json, "format");
  event.shape = string_or_empty(json, "shape");
  event.roof_s = number_or_0(json, "roof_us", kMicro);
  event.nested_s = number_or_0(json, "nested_us", kMicro);
  for (const Json& value : items_or_none(json, "counters")) event.counters.push_back(value.number());
  for (const Json& value : items_or_none(json, "reads"))
    event.reads.push_back(
        static_cast<std::size_t>(value.integer(0, static_cast<std::int64_t>(position) - 1)));
  return event;
}

Roof roof_from(const Json& json) {
  Roof roof;
  roof.source = string_or_empty(json, "source");
  for (const auto& [format, rate] : json.at("operations_per_s").members())
    roof.operations_per_s[format] = rate.number();
  for (const Json& level : json.at("bandwidth").items())
    roof.bandwidth.push_back({number(level, "set_bytes"), number(level, "bytes_per_s")});
  return roof;
}

}  // namespace

Json timeline_json(const Timeline& timeline) {
  Json events = Json::array();
  for (const Event& event : timeline.events) events.add(event_json(event));
  Json threads = Json::array();
  for (const ThreadSpan& span : timeline.threads)
    threads.add(Json::object({{"event", span.event},
                              {"thread", span.thread},
                              {"start_us", span.start_s * kMicro},
                              {"duration_us", span.duration_s * kMicro}}));
  Json memory = Json::array();
  for (const MemorySample& sample : timeline.memory)
    memory.add(Json::object({{"time_us", sample.time_s * kMicro},
                             {"arena_bytes", sample.arena_bytes},
                             {"buffer_bytes", sample.buffer_bytes}}));
  return Json::object({{"graph", timeline.graph},
                       {"machine", timeline.machine},
                       {"source", timeline.source},
                       {"duration_us", timeline.duration_s() * kMicro},
                       {"bytes", timeline.bytes()},
                       {"operations", timeline.operations()},
                       {"energy_j", timeline.energy_j()},
                       {"notes", Json::array_of(timeline.notes)},
                       {"roof", timeline.roof.is_known() ? roof_json(timeline.roof) : Json()},
                       {"counters", Json::array_of(timeline.counters)},
                       {"events", std::move(events)},
                       {"threads", std::move(threads)},
                       {"memory", std::move(memory)}});
}

Timeline timeline_from_json(const Json& json, const std::string& where) {
  return within(
      [&] { return where; },
      [&] {
        Timeline timeline;
        timeline.graph = json.at("graph").string();
        timeline.machine = json.at("machine").string();
        timeline.source = json.at("source").string();
        for (const Json& note : items_or_none(json, "notes")) timeline.notes.push_back(note.string());
        if (const Json* roof = json.find("roof")) timeline.roof = roof_from(*roof);
        for (const Json& counter : items_or_none(json, "counters"))
          timeline.counters.push_back(counter.string());
        const Json::Items& events = json.at("events").items();
        for (std::size_t i = 0; i < events.size(); ++i)
          timeline.events.push_back(
              within([&] { return fmt::format("events[{}]", i); }, [&] { return event_from(events[i], i); }));
        for (const Json& span : items_or_none(json, "threads")) {
          const auto last = static_cast<std::int64_t>(timeline.events.size()) - 1;
          timeline.threads.push_back({static_cast<std::size_t>(span.at("event").integer(0, last)),
                                      static_cast<std::size_t>(span.at("thread").integer(0, 1 << 16)),
                                      number(span, "start_us", kMicro), number(span, "duration_us", kMicro)});
        }
        for (const Json& sample : items_or_none(json, "memory"))
          timeline.memory.push_back({number(sample, "time_us", kMicro), number(sample, "arena_bytes"),
                                     number(sample, "buffer_bytes")});
        return timeline;
      });
}

}  // namespace atlas
