// Where a timeline goes: files that a command's options name.
#pragma once

#include <string>

#include "atlas/plan/chip.h"
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
  /// The same, held against the peaks of the chip; `format` is what real numbers were priced as, "" for as
  /// they are.
  void write_prediction(Timeline timeline, const Chip& chip, const std::string& format) const;
};

}  // namespace atlas::cli
