// Every thread does the same share; of several tries the fastest counts, since others disturb but never help.
#include "atlas/targets/cpu/measured_roof.h"

#include <algorithm>
#include <atomic>
#include <cstring>
#include <numeric>
#include <vector>

#include "atlas/base/stopwatch.h"
#include "atlas/targets/cpu/kernels/bf16_kernel.h"
#include "atlas/targets/cpu/kernels/isa.h"
#include "atlas/targets/cpu/kernels/peak.h"
#include "atlas/tensor/buffer.h"

namespace atlas::cpu {
namespace {

constexpr int kLeastTries = 15;
constexpr double kAll_ms = 10;      // of all tries together
constexpr double kWake_ms = 2;      // that a thread may take to wake
constexpr double kEnough_ms = 0.3;  // of one try: long against the clock, short against time slices

// `work(share, repeats)` by every thread at once; seconds of the fastest try. A thread that is yet to wake is
// waited for, so that its waking does not count; where it does not come, the time is that of all shares one
// after the other.
template <typename Work>
double fastest_s(ThreadPool& pool, std::size_t repeats, const Work& work) {
  double fastest = 0;
  const Stopwatch all;
  for (int i = 0; i < kLeastTries || all.milliseconds() < kAll_ms; ++i) {
    std::atomic<std::size_t> arrived{0};
    std::atomic<bool> together{true};
    std::vector<double> seconds(pool.size());
    pool.parallel_for(pool.size(), 1, [&](std::size_t share, std::size_t) {
      ++arrived;
      const Stopwatch waiting;
      while (arrived < pool.size() && waiting.milliseconds() < kWake_ms) continue;
      if (arrived < pool.size()) together = false;
      const Stopwatch own;
      work(share, repeats);
      seconds[share] = own.milliseconds() / 1e3;
    });
    const double tried =
        together ? *std::ranges::max_element(seconds) : std::accumulate(seconds.begin(), seconds.end(), 0.0);
    if (i == 0 || tried < fastest) fastest = tried;
  }
  return fastest;
}

// Repeats of one share that last long enough.
template <typename Work>
std::size_t enough(const Work& work) {
  std::size_t repeats = 1;
  for (;; repeats *= 2) {
    const Stopwatch watch;
    work(0, repeats);
    if (watch.milliseconds() >= kEnough_ms) return repeats;
  }
}

template <typename Work>
double rate(ThreadPool& pool, double amount, const Work& work) {
  const std::size_t repeats = enough(work);
  return amount * static_cast<double>(repeats * pool.size()) / fastest_s(pool, repeats, work);
}

// Rate of `work(data, count, repeats)` on every thread's part, `count` floats, of a set that all hold
// together.
template <typename Work>
double set_rate(ThreadPool& pool, std::size_t set_bytes, const Work& work) {
  constexpr std::size_t kUnit = 1024;  // bytes: what read_floats reads at a time
  const std::size_t share_bytes = std::max(set_bytes / pool.size() / kUnit, std::size_t{1}) * kUnit;
  const std::size_t count = share_bytes / sizeof(float);
  const auto memory = Buffer::allocate(share_bytes * pool.size());
  float* data = static_cast<float*>(memory->data());
  std::fill_n(data, count * pool.size(), 1.0f);
  return rate(pool, static_cast<double>(share_bytes),
              [&](std::size_t share, std::size_t repeats) { work(data + share * count, count, repeats); });
}

}  // namespace

double read_rate(ThreadPool& pool, std::size_t set_bytes) {
  return set_rate(pool, set_bytes, [](const float* data, std::size_t count, std::size_t repeats) {
    read_floats(data, count, repeats);
  });
}

double copy_rate(ThreadPool& pool, std::size_t set_bytes) {
  return set_rate(pool, set_bytes, [](float* data, std::size_t count, std::size_t repeats) {
    for (std::size_t i = 0; i < repeats; ++i) {
      std::memcpy(data + count / 2, data, count / 2 * sizeof(float));
      asm volatile("" : : "r"(data) : "memory");  // or one copy would do for all
    }
  });
}

Roof measured_roof(ThreadPool& pool) {
  Roof roof;
  roof.source = std::string("measured at start, ") + std::string(name(active_isa()));
  roof.operations_per_s["f32"] = rate(pool, multiply_add_floats(1),
                                      [](std::size_t, std::size_t repeats) { multiply_add_floats(repeats); });
  if (has_bf16_products())
    roof.operations_per_s["bf16"] = rate(
        pool, multiply_add_bf16(1), [](std::size_t, std::size_t repeats) { multiply_add_bf16(repeats); });
  roof.operations_per_s["i8"] = rate(pool, multiply_add_integers(1), [](std::size_t, std::size_t repeats) {
    multiply_add_integers(repeats);
  });

  // The largest set is well beyond the caches of one core, and what large processors share of their last one.
  constexpr std::size_t kSmallest = std::size_t{16} << 10, kLargest = std::size_t{128} << 20;
  const std::size_t largest_share = kLargest / pool.size() / 1024 * 1024;
  const auto memory = Buffer::allocate(largest_share * pool.size());
  float* data = static_cast<float*>(memory->data());
  std::fill_n(data, memory->size_bytes() / sizeof(float), 1.0f);
  for (std::size_t bytes = kSmallest;; bytes *= 4) {
    bytes = std::min(bytes, largest_share);
    const std::size_t count = bytes / sizeof(float);
    const auto work = [&](std::size_t share, std::size_t repeats) {
      read_floats(data + share * (largest_share / sizeof(float)), count, repeats);
    };
    roof.bandwidth.push_back(
        {static_cast<double>(bytes * pool.size()), rate(pool, static_cast<double>(bytes), work)});
    if (bytes == largest_share) break;
  }
  // A larger set is never read faster: what looks so was disturbed.
  for (std::size_t i = roof.bandwidth.size() - 1; i-- > 0;)
    roof.bandwidth[i].bytes_per_s =
        std::max(roof.bandwidth[i].bytes_per_s, roof.bandwidth[i + 1].bytes_per_s);
  return roof;
}

}  // namespace atlas::cpu
