#include "atlas/base/thread_pool.h"

#include <gtest/gtest.h>
#include <sys/resource.h>

#include <atomic>
#include <chrono>
#include <numeric>
#include <thread>
#include <vector>

#include "atlas/base/error.h"
#include "atlas/base/loop_watch.h"

namespace atlas {
namespace {

TEST(ThreadPool, RunsEveryIterationOnce) {
  for (const size_t threads : {1, 2, 5}) {
    ThreadPool pool(threads);
    EXPECT_EQ(pool.size(), threads);
    for (const size_t count : {0, 1, 2, 7, 1000}) {
      for (const size_t grain : {0, 1, 3, 5000}) {
        std::vector<std::atomic<int>> seen(count);
        pool.parallel_for(count, grain, [&](size_t begin, size_t end) {
          ASSERT_LT(begin, end);
          for (size_t i = begin; i < end; ++i) ++seen[i];
        });
        for (const auto& times : seen) EXPECT_EQ(times, 1);
      }
    }
  }
}

TEST(ThreadPool, WorkerIndicesAreExclusive) {
  ThreadPool pool(4);
  std::vector<std::atomic<int>> inside(pool.size());
  pool.parallel_for(500, 1, [&](size_t, size_t, size_t worker) {
    ASSERT_LT(worker, pool.size());
    EXPECT_EQ(inside[worker].fetch_add(1), 0);
    std::this_thread::yield();
    --inside[worker];
  });
}

TEST(ThreadPool, ManyShortLoops) {
  ThreadPool pool(3);
  size_t total = 0;
  for (int round = 0; round < 2000; ++round) {
    std::atomic<size_t> sum{0};
    pool.parallel_for(16, 1, [&](size_t begin, size_t) { sum += begin; });
    total += sum;
  }
  EXPECT_EQ(total, 2000u * 120);
}

TEST(ThreadPool, TheErrorReachesTheCallerAndThePoolLives) {
  ThreadPool pool(3);
  for (int round = 0; round < 20; ++round) {
    try {
      pool.parallel_for(100, 1, [](size_t begin, size_t) {
        if (begin == 41) fail(ErrorCode::Unsupported, "range {}: expected none", begin);
      });
      FAIL() << "no exception";
    } catch (const Error& error) {
      EXPECT_EQ(error.code(), ErrorCode::Unsupported);
      EXPECT_STREQ(error.what(), "range 41: expected none");
    }
    std::atomic<int> ran{0};
    pool.parallel_for(100, 7, [&](size_t begin, size_t end) { ran += static_cast<int>(end - begin); });
    EXPECT_EQ(ran, 100);
  }
}

TEST(ThreadPool, ALoopInALoopRunsInline) {
  ThreadPool pool(3);
  std::atomic<int> ran{0};
  pool.parallel_for(8, 1, [&](size_t, size_t) {
    const auto self = std::this_thread::get_id();
    pool.parallel_for(10, 1, [&](size_t, size_t, size_t worker) {
      EXPECT_EQ(std::this_thread::get_id(), self);
      EXPECT_EQ(worker, 0u);
      ++ran;
    });
  });
  EXPECT_EQ(ran, 80);
}

TEST(ThreadPool, SeveralCallersAtOnce) {
  ThreadPool pool(3);
  std::vector<std::thread> callers;
  std::atomic<size_t> total{0};
  for (int caller = 0; caller < 4; ++caller) {
    callers.emplace_back([&] {
      for (int round = 0; round < 200; ++round) {
        std::vector<int> cells(64);
        pool.parallel_for(cells.size(), 4, [&](size_t begin, size_t end) {
          for (size_t i = begin; i < end; ++i) cells[i] = 1;
        });
        total += static_cast<size_t>(std::accumulate(cells.begin(), cells.end(), 0));
      }
    });
  }
  for (std::thread& caller : callers) caller.join();
  EXPECT_EQ(total, 4u * 200 * 64);
}

// Two ranges that wait for each other need two threads.
TEST(ThreadPool, TellsAWatchWhoWorkedWhen) {
  struct Watch : LoopWatch {
    std::atomic<int> calls{0};
    size_t worker = 0;
    std::chrono::steady_clock::time_point last;
    void worked(size_t index, std::chrono::steady_clock::time_point begin,
                std::chrono::steady_clock::time_point end) noexcept override {
      ++calls;
      worker = index;
      last = end;
      if (end < begin) calls = 100;
    }
  } watch;
  ThreadPool pool(2);
  std::atomic<int> arrived{0};
  const auto meet = [&](size_t, size_t) {
    ++arrived;
    while (arrived < 2) std::this_thread::yield();
  };
  {
    const ScopedLoopWatch scope(&watch);
    pool.parallel_for(2, 1, meet);
    pool.parallel_for(1, 1, [](size_t, size_t) {});  // shared by nobody
  }
  EXPECT_EQ(watch.calls, 1);
  EXPECT_EQ(watch.worker, 1u);
  EXPECT_LE(watch.last, std::chrono::steady_clock::now());
  arrived = 0;
  pool.parallel_for(2, 1, meet);
  EXPECT_EQ(watch.calls, 1);
}

TEST(ThreadPool, IdleUsesNoProcessorTime) {
  ThreadPool pool(3);
  pool.parallel_for(3, 1, [](size_t, size_t) {});
  const auto cpu_us = [] {
    rusage usage{};
    getrusage(RUSAGE_SELF, &usage);
    return (usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) * 1'000'000 + usage.ru_utime.tv_usec +
           usage.ru_stime.tv_usec;
  };
  const auto before = cpu_us();
  std::this_thread::sleep_for(std::chrono::milliseconds(200));
  EXPECT_LT(cpu_us() - before, 20'000);
}

}  // namespace
}  // namespace atlas
