// The memory of one run of a program, kept for the runs that follow.
#pragma once

#include <memory>
#include <mutex>
#include <vector>

#include "atlas/targets/cpu/arena_plan.h"
#include "atlas/tensor/datum.h"

namespace atlas::cpu {

struct Frame {
  SymbolTable symbols;  // what `plan` was made for
  ArenaPlan plan;
  std::shared_ptr<Buffer> arena;  // of plan.arena_bytes or more; nothing between runs
  std::vector<Datum> values;      // by value of the graph; empty between runs
};

/// Frames that no run holds, and arenas, which frames of different sizes share: there are no more than runs
/// were ever going on at once. Safe for any number of threads.
class FramePool {
 public:
  FramePool(const ArenaPlanner& planner, std::size_t value_count)
      : planner_(planner), value_count_(value_count) {}

  /// An idle frame of the same sizes, or another with a new plan.
  std::unique_ptr<Frame> acquire(const SymbolTable& symbols);
  /// Empties the frame; of too many idle ones the least recently used is dropped.
  void release(std::unique_ptr<Frame> frame);

 private:
  static constexpr std::size_t kMaxIdle = 8;

  std::unique_ptr<Frame> idle_frame(const SymbolTable& symbols);
  std::shared_ptr<Buffer> arena(std::size_t bytes);

  const ArenaPlanner& planner_;
  std::size_t value_count_;
  std::mutex mutex_;
  std::vector<std::unique_ptr<Frame>> idle_;  // most recently used last
  std::vector<std::shared_ptr<Buffer>> arenas_;
};

}  // namespace atlas::cpu
