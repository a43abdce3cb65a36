// Each thread writes to a list of its own.
#include "atlas/run/step_clock.h"

#include "atlas/base/error.h"

namespace atlas {

void StepClock::begin(const StepView&) {
  if (recording_.steps.size() >= kMostSteps)
    fail(ErrorCode::ResourceExhausted,
         "profile: expected a run of at most {} steps, got more (shorten its loops)", kMostSteps);
  open_.push_back(recording_.steps.size());
  recording_.steps.push_back({std::chrono::steady_clock::now(), {}});
}

void StepClock::end(const StepView&) {
  recording_.steps[open_.back()].end = std::chrono::steady_clock::now();
  open_.pop_back();
}

void StepClock::worked(std::size_t worker, Time begin, Time end) noexcept {
  if (!open_.empty()) recording_.threads[worker].push_back({open_.back(), {begin, end}});
}

StepClock::Recording StepClock::take() {
  Recording next;
  next.threads.resize(recording_.threads.size());
  next.steps.reserve(recording_.steps.size());
  for (std::size_t i = 0; i < next.threads.size(); ++i) next.threads[i].reserve(recording_.threads[i].size());
  std::swap(next, recording_);
  open_.clear();
  return next;
}

}  // namespace atlas
