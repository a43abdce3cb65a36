// A bound on the memory that many buffers take together.
#pragma once

#include <atomic>
#include <cstddef>
#include <memory>

namespace atlas {

/// Any number of threads may use one at once.
class MemoryBudget {
 public:
  explicit MemoryBudget(std::size_t limit_bytes) : limit_bytes_(limit_bytes) {}

  /// Throws ResourceExhausted where not that much is left.
  void take(std::size_t bytes);
  void give_back(std::size_t bytes) { used_bytes_ -= bytes; }

  std::size_t limit_bytes() const { return limit_bytes_; }
  std::size_t used_bytes() const { return used_bytes_; }

 private:
  std::size_t limit_bytes_;
  std::atomic<std::size_t> used_bytes_ = 0;
};

/// All that this process may use: the cgroup's limit or the machine's memory.
std::shared_ptr<MemoryBudget> memory_of_the_process();

/// While it lives, what this thread allocates for buffers counts against `budget` (nullptr: against none)
/// until the buffer is released, by whichever thread.
class MemoryScope {
 public:
  explicit MemoryScope(std::shared_ptr<MemoryBudget> budget);
  ~MemoryScope();
  MemoryScope(const MemoryScope&) = delete;
  MemoryScope& operator=(const MemoryScope&) = delete;

  /// That of the innermost scope of this thread, or nullptr.
  static const std::shared_ptr<MemoryBudget>& current();

 private:
  std::shared_ptr<MemoryBudget> outer_;
};

}  // namespace atlas
