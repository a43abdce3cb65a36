// One loop at a time is published under an epoch number; whoever takes part claims ranges from a counter.
#include "atlas/base/thread_pool.h"

#include <atomic>
#include <chrono>
#include <exception>
#include <mutex>
#include <thread>
#include <utility>
#include <vector>

#include "atlas/base/cpu_info.h"
#include "atlas/base/loop_watch.h"

namespace atlas {
namespace {

thread_local bool inside_loop = false;
thread_local LoopWatch* loop_watch = nullptr;

struct InsideLoop {
  InsideLoop() { inside_loop = true; }
  ~InsideLoop() { inside_loop = false; }
};

void relax() {
#if defined(__x86_64__)
  __builtin_ia32_pause();
#elif defined(__aarch64__)
  asm volatile("yield");
#endif
}

/// Long enough to bridge the gap between two operators of a model, short enough not to be seen in `top`.
constexpr std::chrono::microseconds spin_time{40};

/// Waits until `value` differs from `old`: awake for spin_time, then asleep.
void await_change(const std::atomic<uint32_t>& value, uint32_t old) {
  const auto end = std::chrono::steady_clock::now() + spin_time;
  do {
    for (int i = 0; i < 32; ++i) {
      if (value.load(std::memory_order_acquire) != old) return;
      relax();
    }
  } while (std::chrono::steady_clock::now() < end);
  value.wait(old, std::memory_order_acquire);
}

struct Loop {
  size_t count, grain;
  ThreadPool::WorkerBody body;
  LoopWatch* watch;
  std::atomic<size_t> next{0};
  std::atomic<bool> failed{false};
  std::exception_ptr error;  // written by the one that sets `failed`, read after all have left

  void run(size_t worker) noexcept {
    if (watch == nullptr || worker == 0) {
      work(worker);
      return;
    }
    const auto begin = std::chrono::steady_clock::now();
    if (work(worker)) watch->worked(worker, begin, std::chrono::steady_clock::now());
  }

  // Whether there was anything left to do.
  bool work(size_t worker) noexcept {
    bool worked = false;
    try {
      for (;; worked = true) {
        const size_t range = next.fetch_add(1, std::memory_order_relaxed);
        if (range >= (count + grain - 1) / grain || failed.load(std::memory_order_relaxed)) return worked;
        const size_t begin = range * grain;
        body(begin, begin + grain < count ? begin + grain : count, worker);
      }
    } catch (...) {
      if (!failed.exchange(true)) error = std::current_exception();
    }
    return worked;
  }
};

void run_alone(size_t count, size_t grain, ThreadPool::WorkerBody body) {
  for (size_t begin = 0; begin < count; begin += grain)
    body(begin, count - begin > grain ? begin + grain : count, 0);
}

}  // namespace

class ThreadPool::State {
 public:
  explicit State(size_t threads) {
    workers_.reserve(threads - 1);
    try {
      for (size_t i = 1; i < threads; ++i) workers_.emplace_back([this, i] { work(i); });
    } catch (...) {
      stop();
      throw;
    }
  }
  ~State() { stop(); }

  size_t size() const { return workers_.size() + 1; }

  void run(size_t count, size_t grain, WorkerBody body) {
    std::unique_lock busy(one_loop_, std::try_to_lock);
    if (!busy) return run_alone(count, grain, body);
    Loop loop{count, grain, body, loop_watch};
    loop_ = &loop;
    gate_.store(0, std::memory_order_release);
    epoch_.fetch_add(1, std::memory_order_release);
    epoch_.notify_all();
    {
      const InsideLoop mark;
      loop.run(0);
    }
    uint32_t gate = gate_.fetch_or(closed, std::memory_order_acq_rel) | closed;
    for (; gate != closed; gate = gate_.load(std::memory_order_acquire)) await_change(gate_, gate);
    if (loop.error) std::rethrow_exception(loop.error);
  }

 private:
  /// A worker that wakes only after the loop's end finds the gate closed: nobody waits for late sleepers.
  bool enter() {
    uint32_t gate = gate_.load(std::memory_order_relaxed);
    while (!(gate & closed))
      if (gate_.compare_exchange_weak(gate, gate + 1, std::memory_order_acquire, std::memory_order_relaxed))
        return true;
    return false;
  }

  void work(size_t index) {
    const InsideLoop mark;
    for (uint32_t seen = 0;;) {
      await_change(epoch_, seen);
      seen = epoch_.load(std::memory_order_acquire);
      if (stopping_.load(std::memory_order_acquire)) return;
      if (!enter()) continue;
      loop_->run(index);
      if (gate_.fetch_sub(1, std::memory_order_acq_rel) == (closed | 1)) gate_.notify_one();
    }
  }

  void stop() {
    stopping_.store(true, std::memory_order_release);
    epoch_.fetch_add(1, std::memory_order_release);
    epoch_.notify_all();
    for (std::thread& worker : workers_) worker.join();
  }

  std::mutex one_loop_;
  Loop* loop_ = nullptr;
  static constexpr uint32_t closed = 1u << 31;
  std::atomic<uint32_t> epoch_{0};      // loops published so far
  std::atomic<uint32_t> gate_{closed};  // workers inside the present loop, and whether more may enter
  std::atomic<bool> stopping_{false};
  std::vector<std::thread> workers_;
};

ThreadPool::ThreadPool(size_t threads)
    : state_(std::make_unique<State>(threads ? threads : available_cpus())) {}
ThreadPool::~ThreadPool() = default;

size_t ThreadPool::size() const {
  return state_->size();
}

void ThreadPool::parallel_for(size_t count, size_t grain, Body body) {
  parallel_for(count, grain, WorkerBody([body](size_t begin, size_t end, size_t) { body(begin, end); }));
}

void ThreadPool::parallel_for(size_t count, size_t grain, WorkerBody body) {
  if (count == 0) return;
  if (grain == 0) grain = 1;
  if (count <= grain || size() == 1 || inside_loop) return run_alone(count, grain, body);
  state_->run(count, grain, body);
}

ScopedLoopWatch::ScopedLoopWatch(LoopWatch* watch) : before_(std::exchange(loop_watch, watch)) {}
ScopedLoopWatch::~ScopedLoopWatch() {
  loop_watch = before_;
}

}  // namespace atlas
