// Where a timeline goes: files that a command's options name.
#pragma once

#include <string>

#include "atlas/timeline/timeline.h"
#include "cli/command_line.h"

namespace atlas::cli {

struct TimelineExports {
  std::string trace;
  std::string report;
  std::string csv;
  std::string json;

  /// --trace and --report.
  void add_to(CommandLine& line);
  /// --csv and --json.
  void add_tables_to(CommandLine& line);
  /// Writes what was asked for. Throws Io.
  void write(const Timeline& timeline) const;
};

}  // namespace atlas::cli
