// The sizes of an operator as bytes are its key in memory.
#include "atlas/plan/predictor.h"

#include <algorithm>
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

double Predictor::energy_of(double seconds, double operations, double bytes) const {
  const double moving = chip_.idle_w * seconds + operations * chip_.joules_per_operation +
                        bytes * 8 * chip_.dram_joules_per_bit;
  return chip_.tdp_w > 0 ? std::min(moving, chip_.tdp_w * seconds) : moving;
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
    event.energy_j = energy_of(event.duration_s, event.operations, event.bytes);
    now += event.duration_s;
    timeline.events.push_back(std::move(event));
  }
  return timeline;
}

}  // namespace atlas
