// Watching what each thread of a pool does for a loop.
#pragma once

#include <chrono>
#include <cstddef>

namespace atlas {

class LoopWatch {
 public:
  virtual ~LoopWatch() = default;
  /// Called by the thread of that index, 1 or more, once per loop that it had a part in; threads call at
  /// once. The thread that started the loop knows when by itself.
  virtual void worked(size_t worker, std::chrono::steady_clock::time_point begin,
                      std::chrono::steady_clock::time_point end) noexcept = 0;
};

/// While it lives, `watch` is told of the loops that this thread shares with the others of a ThreadPool.
class ScopedLoopWatch {
 public:
  explicit ScopedLoopWatch(LoopWatch* watch);
  ~ScopedLoopWatch();
  ScopedLoopWatch(const ScopedLoopWatch&) = delete;
  ScopedLoopWatch& operator=(const ScopedLoopWatch&) = delete;

 private:
  LoopWatch* before_;
};

}  // namespace atlas
