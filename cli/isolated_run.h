// Work done in child processes, so that a crash or a hang ends the work and not the caller.
#pragma once

#include <chrono>
#include <functional>
#include <string>
#include <vector>

namespace atlas::cli {

struct IsolatedResult {
  bool finished = false;  // returned by itself: `text` is what it returned
  std::string text;       // else why it did not: "crashed (Segmentation fault)", "took longer than 60 s"
};

/// Calls work(i) for each i below `count`, each in a fork of this process, up to `jobs` at once, and gives
/// what they returned in order. `progress` is called after each. The process must have no other thread.
/// Throws Io where the system cannot fork.
std::vector<IsolatedResult> run_isolated(std::size_t count, std::size_t jobs, std::chrono::seconds limit,
                                         const std::function<std::string(std::size_t)>& work,
                                         const std::function<void(std::size_t done)>& progress);

}  // namespace atlas::cli
