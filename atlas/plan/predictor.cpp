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
    event.energy_j = energy_of(chip_, event.duration_s, event.operations, event.bytes);
    now += event.duration_s;
    timeline.events.push_back(std::move(event));
  }
  return timeline;
}

}  // namespace atlas
