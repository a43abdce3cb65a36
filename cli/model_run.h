// Time and memory of a run, measured by the commands that run a model.
#pragma once

#include <chrono>
#include <cstdint>

namespace atlas::cli {

/// Wall time since it was made.
class Stopwatch {
 public:
  double milliseconds() const {
    return std::chrono::duration<double, std::milli>(std::chrono::steady_clock::now() - start_).count();
  }

 private:
  std::chrono::steady_clock::time_point start_ = std::chrono::steady_clock::now();
};

/// Most memory this process has had resident so far.
std::uint64_t peak_resident_bytes();

}  // namespace atlas::cli
