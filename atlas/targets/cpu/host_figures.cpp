// Chains of dependent work, of which the fastest of several tries counts.
#include "atlas/targets/cpu/host_figures.h"

#include <algorithm>
#include <cstdint>
#include <numeric>

#include "atlas/base/rng.h"
#include "atlas/base/stopwatch.h"
#include "atlas/targets/cpu/measured_roof.h"

namespace atlas::cpu {
namespace {

constexpr int kTries = 20;

template <typename Work>
double fastest_s(const Work& work) {
  double fastest = 0;
  for (int i = 0; i < kTries; ++i) {
    const Stopwatch watch;
    work();
    const double seconds = watch.milliseconds() / 1e3;
    if (i == 0 || seconds < fastest) fastest = seconds;
  }
  return fastest;
}

// Additions that need each other take a clock each.
double clock_hz() {
  constexpr int kRounds = 20'000, kAdditions = 64;
  std::uint64_t x = 1;
  const double seconds = fastest_s([&] {
    for (int r = 0; r < kRounds; ++r) {
#pragma GCC unroll 64
      for (int i = 0; i < kAdditions; ++i) {
        x += 3;
        asm volatile("" : "+r"(x));  // or they would be one multiplication
      }
    }
  });
  return kRounds * kAdditions / seconds;
}

// Lines visited in an order that no prefetcher guesses.
double load_latency_s(double set_bytes) {
  struct alignas(64) Line {
    std::size_t next;
  };
  const std::size_t count = std::max<std::size_t>(16, static_cast<std::size_t>(set_bytes) / sizeof(Line));
  std::vector<std::size_t> order(count);
  std::iota(order.begin(), order.end(), std::size_t{0});
  Rng rng(1, 0);
  for (std::size_t i = count - 1; i > 0; --i)
    std::swap(order[i], order[static_cast<std::size_t>(rng.uniform(53) * static_cast<double>(i + 1))]);
  std::vector<Line> lines(count);
  for (std::size_t i = 0; i < count; ++i) lines[order[i]].next = order[(i + 1) % count];
  constexpr std::size_t kLoads = 100'000;
  std::size_t at = order[0];
  const double seconds = fastest_s([&] {
    for (std::size_t i = 0; i < kLoads; ++i) at = lines[at].next;
    asm volatile("" : "+r"(at));
  });
  return seconds / kLoads;
}

double launch_s(ThreadPool& pool) {
  constexpr int kLoops = 1000;
  return fastest_s([&] {
           for (int i = 0; i < kLoops; ++i)
             pool.parallel_for(pool.size(), 1, [](std::size_t, std::size_t) {
               asm volatile("" : : : "memory");
             });
         }) /
         kLoops;
}

}  // namespace

HostFigures measure_host(ThreadPool& pool, const std::vector<double>& latency_sets) {
  HostFigures figures;
  figures.all_threads = measured_roof(pool);
  ThreadPool alone(1);
  figures.one_thread = measured_roof(alone);
  figures.clock_hz = clock_hz();
  for (const double set_bytes : latency_sets)
    figures.latencies.push_back({set_bytes, load_latency_s(set_bytes)});
  figures.launch_s = launch_s(pool);
  return figures;
}

}  // namespace atlas::cpu
