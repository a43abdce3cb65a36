// Other programs, run to their end without a shell between.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace atlas {

struct ProcessOptions {
  std::filesystem::path directory;                 // where it runs; empty: here
  std::optional<std::chrono::milliseconds> limit;  // killed when it takes longer
  std::size_t output_limit_bytes = 1 << 22;        // what each stream says beyond this is dropped
};

struct ProcessResult {
  int exit_code = 0;  // what it returned; 128 + signal where a signal ended it, as shells have it
  int signal = 0;     // 0 where it returned by itself
  bool timed_out = false;
  std::string output;            // its standard output
  std::string error;             // its standard error
  std::uint64_t peak_bytes = 0;  // the most memory it had resident

  bool succeeded() const { return exit_code == 0 && !timed_out; }
};

/// Runs `command` (program, found through PATH, and its arguments), with nothing to read on its standard
/// input. Throws NotFound where there is no such program, Io where the system cannot start it.
ProcessResult run_process(const std::vector<std::string>& command, const ProcessOptions& options = {});

/// The path of a program found through PATH.
std::optional<std::filesystem::path> find_program(std::string_view name);

/// The file that Atlas itself was loaded from: the program, or a shared library inside another program.
std::filesystem::path this_binary();

}  // namespace atlas
