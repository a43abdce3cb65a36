// Errors as one line each on standard error.
#pragma once

#include <string>

namespace atlas::cli {

/// Prints "atlas: MESSAGE" on one line, whatever control characters the names in a file hold.
void print_error(std::string message);

}  // namespace atlas::cli
