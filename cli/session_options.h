// The options that say how a model is compiled and by what it is run.
#pragma once

#include "atlas/run/session.h"
#include "cli/command_line.h"

namespace atlas::cli {

/// --no-pass, --precision.
void add_compile_options(CommandLine& line, SessionOptions& options);

/// Those, --target, --strict and --threads.
void add_session_options(CommandLine& line, SessionOptions& options);

}  // namespace atlas::cli
