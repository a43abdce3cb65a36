// The sizes of an operator as bytes are its key in memory.
#include "atlas/plan/predictor.h"

#include <cstring>
#include <type_traits>

namespace atlas {
namespace {

// Kinds of sizes are plain doubles and pointers without gaps; a gap would only cost a repeated estimate.
std::string key_of(const Operator& op) {
  std::string key = op.key;
  std::visit(
      [&](const auto& sizes) {
        static_assert(std::is_trivially_copyable_v<std::remove_cvref_t<decltype(sizes)>>);
        key.append(reinterpret_cast<const char*>(&sizes), sizeof(sizes));
      },
      op.sizes);
  return key;
}

// A result is kept until the last step that reads it has run; what the graph is given and gives out, longer.
void add_memory(const StepList& list, Timeline& timeline) {
  const std::size_t count = list.steps.size();
  std::vector<double> made(count + 1, 0);  // by the step that begins
  std::vector<double> given(count + 1, 0);
  std::vector<std::size_t> last(count);
  for (std::size_t i = 0; i < count; ++i) {
    last[i] = i;
    for (const std::size_t read : list.steps[i].reads) last[read] = i;
  }
  std::vector<bool> is_output(count, false);
  for (const std::size_t output : list.outputs) is_output[output] = true;
  for (std::size_t i = 0; i < count; ++i) {
    const double bytes = list.steps[i].result_bytes;
    (is_output[i] ? given : made)[i] += bytes;
    if (!is_output[i]) made[last[i] + 1] -= bytes;
  }
  MemorySample now{0, 0, list.input_bytes};
  for (std::size_t i = 0; i < count; ++i) {
    now.time_s = timeline.events[i].start_s;
    now.arena_bytes += made[i];
    now.buffer_bytes += given[i];
    timeline.memory.push_back(now);
  }
}

}  // namespace

const Estimate& Predictor::estimate(const Operator& op) {
  const auto [entry, added] = known_.try_emplace(key_of(op));
  if (added) entry->second = predict(chip_, constants_, op);
  return entry->second;
}

Timeline Predictor::timeline(const Graph& graph, const StepList& steps) {
  Timeline timeline{graph.name, chip_.name, source_, {}};
  timeline.events.reserve(steps.steps.size());
  double now = 0;
  for (const Step& step : steps.steps) {
    const Estimate& estimate = this->estimate(step.what);
    Event event;
    event.node = step.name;
    event.op = step.op;
    event.limit = name(estimate.limit);
    event.start_s = now;
    event.duration_s = step.count * (estimate.seconds + step.extra_bytes / chip_.dram_bytes_per_s);
    event.bytes = step.count * (estimate.bytes + step.extra_bytes);
    event.operations = step.count * (estimate.operations + step.extra_operations);
    event.reads = step.reads;
    event.energy_j = energy_of(chip_, event.duration_s, event.operations, event.bytes);
    now += event.duration_s;
    timeline.events.push_back(std::move(event));
  }
  add_memory(steps, timeline);
  return timeline;
}

}  // namespace atlas
