// A fixed set of threads that share the iterations of a loop with the thread that asks.
#pragma once

#include <cstddef>
#include <memory>

#include "atlas/base/function_ref.h"

namespace atlas {

/// Threads wait for work briefly awake, then asleep: an idle pool uses no processor time.
///
/// Any number of threads may call one pool at once. A loop that finds the pool busy with another caller's
/// loop, and a loop started from inside a loop body of any pool, run on the calling thread alone.
class ThreadPool {
 public:
  /// A pool of `threads` counts its caller: `threads - 1` are started. 0 stands for available_cpus().
  explicit ThreadPool(size_t threads = 0);
  ~ThreadPool();
  ThreadPool(const ThreadPool&) = delete;
  ThreadPool& operator=(const ThreadPool&) = delete;

  size_t size() const;

  using Body = FunctionRef<void(size_t begin, size_t end)>;
  using WorkerBody = FunctionRef<void(size_t begin, size_t end, size_t worker)>;

  /// Calls `body` on disjoint ranges that together are [0, count), each of `grain` iterations (the last may
  /// have fewer; grain 0 means 1), and returns when all are done. Ranges run in any order and at once.
  /// The first exception that a body throws is thrown here, after ranges not yet begun were dropped.
  void parallel_for(size_t count, size_t grain, Body body);

  /// The same, with an index below size() that no two ranges of this loop hold at the same time: the place
  /// of a per-worker buffer.
  void parallel_for(size_t count, size_t grain, WorkerBody body);

 private:
  class State;
  std::unique_ptr<State> state_;
};

}  // namespace atlas
