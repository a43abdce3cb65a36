// Times come from runs that do little else; what costs time to find out comes from runs of its own.
#include "atlas/run/profile.h"

#include <fmt/core.h>

#include <algorithm>

#include "atlas/base/error.h"
#include "atlas/base/stopwatch.h"
#include "atlas/run/step_clock.h"
#include "atlas/run/step_facts.h"

namespace atlas {
namespace {

constexpr std::size_t kLeastRuns = 3;
constexpr std::size_t kRunsToTell = 50;  // below, they differ by more than recording adds

using Recording = StepClock::Recording;

// Of that many sorted ones, the median.
std::size_t middle(std::size_t count) {
  return (count - 1) / 2;
}

double seconds_between(StepClock::Time from, StepClock::Time to) {
  return std::chrono::duration<double>(to - from).count();
}

struct TimedRuns {
  std::vector<Recording> recorded;  // from the fastest on
  std::vector<double> plain_s;      // likewise
};

// In turns, so that whatever else the machine does falls on both alike.
TimedRuns timed_runs(const Session& session, std::span<const Datum> inputs, const ProfileOptions& options) {
  StepClock clock(session.threads());
  RunOptions recorded = options.run;
  recorded.observer = &clock;
  TimedRuns out;
  std::size_t steps = 0;
  const Stopwatch all;
  const auto enough = [&] {
    if (options.runs > 0) return out.recorded.size() >= options.runs;
    if (out.recorded.size() < kLeastRuns) return false;
    return all.milliseconds() > options.seconds * 1e3 || steps > StepClock::kMostSteps;
  };
  while (!enough()) {
    const Stopwatch plain;
    session.run(inputs, options.run);
    out.plain_s.push_back(plain.milliseconds() / 1e3);
    const ScopedLoopWatch watch(&clock);
    const Stopwatch one;
    session.run(inputs, recorded);
    const double seconds = one.milliseconds() / 1e3;
    out.recorded.push_back(clock.take());
    out.recorded.back().seconds = seconds;
    steps += out.recorded.back().steps.size();
  }
  std::ranges::stable_sort(out.recorded, {}, &Recording::seconds);
  std::ranges::sort(out.plain_s);
  return out;
}

void set_times(Timeline& timeline, const Recording& recording, const StepFacts& facts) {
  const StepClock::Time start = recording.steps.front().begin;
  std::vector<std::size_t> open;  // events that the present one is nested in
  for (std::size_t i = 0; i < timeline.events.size(); ++i) {
    Event& event = timeline.events[i];
    const StepClock::Span& span = recording.steps[i];
    event.start_s = seconds_between(start, span.begin);
    event.duration_s = seconds_between(span.begin, span.end);
    open.resize(static_cast<std::size_t>(facts.depths[i]));
    if (!open.empty()) timeline.events[open.back()].nested_s += event.duration_s;
    open.push_back(i);
    timeline.memory.push_back({seconds_between(start, span.end),
                               static_cast<double>(facts.memory[i].arena_bytes),
                               static_cast<double>(facts.memory[i].buffer_bytes)});
  }
  std::ranges::stable_sort(timeline.memory, {}, &MemorySample::time_s);
  for (std::size_t thread = 0; thread < recording.threads.size(); ++thread)
    for (const StepClock::LoopSpan& part : recording.threads[thread])
      timeline.threads.push_back({part.step, thread, seconds_between(start, part.span.begin),
                                  seconds_between(part.span.begin, part.span.end)});
}

void set_counts(Timeline& timeline, const Session& session, std::span<const Datum> inputs,
                const ProfileOptions& options) {
  if (options.counters->names().empty()) return;
  StepCounts counts(*options.counters);
  RunOptions run = options.run;
  run.observer = &counts;
  session.run(inputs, run);
  if (counts.counts.size() != timeline.events.size()) return;
  timeline.counters = options.counters->names();
  for (std::size_t i = 0; i < timeline.events.size(); ++i) timeline.events[i].counters = counts.counts[i];
}

}  // namespace

double Profile::overhead() const {
  return runs_s[runs_s.size() / 10] / plain_runs_s[plain_runs_s.size() / 10] - 1;
}

Profile profile(const Session& session, const OpRegistry& ops, std::span<const Datum> inputs,
                const ProfileOptions& options) {
  session.run(inputs, options.run);
  StepFacts facts(ops);
  RunOptions run = options.run;
  run.observer = &facts;
  session.run(inputs, run);
  TimedRuns runs = timed_runs(session, inputs, options);

  Profile out;
  out.plain_runs_s = std::move(runs.plain_s);
  const std::vector<Recording>& recordings = runs.recorded;
  for (const Recording& recording : recordings) out.runs_s.push_back(recording.seconds);
  const Recording& median = recordings[middle(recordings.size())];
  if (median.steps.size() != facts.events.size())
    fail(ErrorCode::Unsupported,
         "profile: expected runs on the same inputs to take the same steps, got {} and {}",
         facts.events.size(), median.steps.size());
  Timeline& timeline = out.timeline;
  timeline.source = "measured";
  timeline.events = std::move(facts.events);
  if (!timeline.events.empty()) set_times(timeline, median, facts);
  timeline.notes.push_back(fmt::format(
      "{} runs with {} threads: fastest {:.3f} ms, median {:.3f} ms, slowest {:.3f} ms", recordings.size(),
      session.threads(), out.runs_s.front() * 1e3, median.seconds * 1e3, out.runs_s.back() * 1e3));
  timeline.notes.push_back(fmt::format("as many without recording: median {:.3f} ms, {}",
                                       out.plain_runs_s[middle(out.plain_runs_s.size())] * 1e3,
                                       recordings.size() < kRunsToTell
                                           ? "too few to tell what recording adds"
                                           : fmt::format("recording adds {:.1f} %", 100 * out.overhead())));
  if (facts.fallbacks > 0)
    timeline.notes.push_back(
        fmt::format("{} steps ran by their reference for want of a kernel", facts.fallbacks));
  if (options.counters) {
    set_counts(timeline, session, inputs, options);
    if (!options.counters->why_not().empty())
      timeline.notes.push_back("not counted by hardware: " + options.counters->why_not());
  }
  return out;
}

}  // namespace atlas
