// The recorder of times: what is done while a run is timed, and so has to be quick.
#pragma once

#include <chrono>
#include <cstddef>
#include <vector>

#include "atlas/base/loop_watch.h"
#include "atlas/targets/target.h"

namespace atlas {

/// Reads the clock where steps and the parts of their loops begin and end. Records one run at a time.
class StepClock : public RunObserver, public LoopWatch {
 public:
  using Time = std::chrono::steady_clock::time_point;
  static constexpr std::size_t kMostSteps = 1'000'000;

  struct Span {
    Time begin;
    Time end;
  };
  struct LoopSpan {
    std::size_t step;
    Span span;
  };
  struct Recording {
    std::vector<Span> steps;                     // in the order in which they began
    std::vector<std::vector<LoopSpan>> threads;  // by worker
    double seconds = 0;                          // of the whole run
  };

  explicit StepClock(std::size_t threads) { recording_.threads.resize(threads); }

  void begin(const StepView& step) override;
  void end(const StepView& step) override;
  void worked(std::size_t worker, Time begin, Time end) noexcept override;

  /// What was recorded since the last call.
  Recording take();

 private:
  Recording recording_;
  std::vector<std::size_t> open_;  // steps that have begun and not ended, the innermost last
};

}  // namespace atlas
