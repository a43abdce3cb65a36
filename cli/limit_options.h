// The options that bound what a model may take: --memory-limit, --node-limit, --nesting-limit, --timeout.
#pragma once

#include <string>

#include "atlas/graph/limits.h"
#include "cli/command_line.h"

namespace atlas::cli {

struct LimitOptions {
  std::string memory;
  std::size_t nodes = Limits().nodes;
  int nesting = Limits().nesting;
  double timeout_s = 0;

  void add_to(CommandLine& line);
  /// Time counts from this call on. Throws InvalidArgument on a memory that is no number of bytes.
  Limits limits() const;
};

}  // namespace atlas::cli
