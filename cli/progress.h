// A bar on standard error that says how far long work is, where someone looks at it.
#pragma once

#include <cstddef>
#include <string_view>

#include "atlas/base/stopwatch.h"

namespace atlas::cli {

/// Shows nothing where standard error is no terminal, and nothing in the first second.
class Progress {
 public:
  explicit Progress(std::size_t count);
  ~Progress() { hide(); }
  Progress(const Progress&) = delete;
  Progress& operator=(const Progress&) = delete;

  /// `done` of the count are done and `name` is next.
  void show(std::size_t done, std::string_view name);
  /// Clears the line, so that something else can be printed.
  void hide();

 private:
  std::size_t count_;
  bool is_live_;
  bool is_shown_ = false;
  Stopwatch watch_;
};

}  // namespace atlas::cli
