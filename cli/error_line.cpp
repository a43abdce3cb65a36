// Control characters could move the cursor of a terminal.
#include "cli/error_line.h"

#include <fmt/core.h>

#include <cstdio>

namespace atlas::cli {

void print_error(std::string message) {
  for (char& c : message)
    if (static_cast<unsigned char>(c) < 0x20 || c == 0x7f) c = ' ';
  fmt::print(stderr, "atlas: {}\n", message);
}

void print_notice(const std::string& notice) {
  if (!notice.empty()) print_error("note: " + notice);
}

}  // namespace atlas::cli
