// Times are microseconds; "X" is a slice, "C" a counter, "M" a name, "s" and "f" the ends of an arrow.
#include "atlas/timeline/trace.h"

#include <fmt/core.h>

#include <set>

#include "atlas/base/file.h"
#include "atlas/tensor/gzip.h"

namespace atlas {
namespace {

constexpr int kProcess = 1;

Json slice(const std::string& name, const std::string& category, std::size_t thread, double start_s,
           double duration_s) {
  return Json::object({{"ph", "X"},
                       {"name", name},
                       {"cat", category},
                       {"pid", kProcess},
                       {"tid", thread},
                       {"ts", start_s * 1e6},
                       {"dur", duration_s * 1e6}});
}

Json counter(const std::string& name, double time_s, Json::Members values) {
  return Json::object({{"ph", "C"},
                       {"name", name},
                       {"pid", kProcess},
                       {"ts", time_s * 1e6},
                       {"args", Json::object(std::move(values))}});
}

// One end of an arrow; the slice that it belongs to is the one that spans its time.
Json arrow_end(const char* phase, std::size_t id, double time_s) {
  return Json::object({{"ph", phase},
                       {"bp", "e"},
                       {"id", id},
                       {"name", "value"},
                       {"cat", "value"},
                       {"pid", kProcess},
                       {"tid", 0},
                       {"ts", time_s * 1e6}});
}

Json naming(const std::string& what, std::size_t thread, const std::string& name) {
  return Json::object({{"ph", "M"},
                       {"name", what},
                       {"pid", kProcess},
                       {"tid", thread},
                       {"args", Json::object({{"name", name}})}});
}

Json details(const Timeline& timeline, const Event& event) {
  Json args = Json::object({{"node", event.node}, {"operations", event.operations}, {"bytes", event.bytes}});
  if (!event.shape.empty()) args.set("shape", event.shape);
  if (!event.limit.empty()) args.set("limit", event.limit);
  if (event.roof_s > 0 && event.self_s() > 0)
    args.set("percent of roof", 100 * event.roof_s / event.self_s());
  for (std::size_t i = 0; i < event.counters.size() && i < timeline.counters.size(); ++i)
    args.set(timeline.counters[i], event.counters[i]);
  return args;
}

}  // namespace

std::string trace_json(const Timeline& timeline) {
  Json events = Json::array();
  events.add(naming("process_name", 0,
                    fmt::format("{} on {} ({})", timeline.graph, timeline.machine, timeline.source)));
  events.add(naming("thread_name", 0, "steps"));
  std::set<std::size_t> named;
  for (const ThreadSpan& span : timeline.threads)
    if (named.insert(span.thread).second)
      events.add(naming("thread_name", span.thread, fmt::format("worker {}", span.thread)));
  for (const Event& event : timeline.events)
    events.add(
        slice(event.op, "step", 0, event.start_s, event.duration_s).set("args", details(timeline, event)));
  std::size_t arrows = 0;
  for (const Event& event : timeline.events)
    for (const std::size_t made : event.reads) {
      const Event& maker = timeline.events[made];
      events.add(arrow_end("s", arrows, maker.start_s + 0.9 * maker.duration_s));
      events.add(arrow_end("f", arrows++, event.start_s));
    }
  for (const ThreadSpan& span : timeline.threads)
    events.add(slice(timeline.events[span.event].op, "worker", span.thread, span.start_s, span.duration_s));
  for (const MemorySample& sample : timeline.memory)
    events.add(
        counter("memory", sample.time_s, {{"arena", sample.arena_bytes}, {"buffers", sample.buffer_bytes}}));
  for (const Event& event : timeline.events) {
    if (event.self_s() <= 0 || event.nested_s > 0) continue;
    events.add(counter("Gop/s", event.start_s, {{"Gop/s", event.operations / event.duration_s / 1e9}}));
    events.add(counter("GB/s", event.start_s, {{"GB/s", event.bytes / event.duration_s / 1e9}}));
  }
  return Json::object({{"displayTimeUnit", "ns"}, {"traceEvents", std::move(events)}}).text();
}

void write_trace(const std::filesystem::path& path, const Timeline& timeline) {
  const std::string text = trace_json(timeline);
  if (path.extension() == ".gz")
    write_file(path, gzip(text));
  else
    write_text(path, text);
}

}  // namespace atlas
