// Loading and timing of a model, shared by the commands that run one.
#pragma once

#include <chrono>
#include <filesystem>
#include <string>

#include "atlas/run/session.h"

namespace atlas::cli {

/// Whether the name of a model's file says that it holds Atlas' text form: .txt or .atlas.
bool is_text_form(const std::filesystem::path& path);

/// Reads a model: ONNX, or Atlas' text form where the name ends in .txt or .atlas.
Graph load_model(const std::filesystem::path& path);

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
