// Parsing of one command's arguments, with the project's errors.
#pragma once

#include <CLI/App.hpp>
#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>

#include "cli/commands.h"

namespace atlas::cli {

/// The options and positionals of `atlas NAME`, added to it by the command: `line.add_option(...)`.
class CommandLine : public CLI::App {
 public:
  CommandLine(const std::string& name, const std::string& description);

  /// Sets the variables bound to the options. Returns false where --help was asked for, and printed: then the
  /// command has nothing left to do. Throws InvalidArgument on arguments that the command does not take.
  bool read(Arguments arguments);
};

}  // namespace atlas::cli
