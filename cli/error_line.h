// Errors and notices as one line each on standard error.
#pragma once

#include <string>

namespace atlas::cli {

/// Prints "atlas: MESSAGE" on one line, whatever control characters the names in a file hold.
void print_error(std::string message);

/// The same of what is worth knowing and no error; nothing where it is empty.
void print_notice(const std::string& notice);

}  // namespace atlas::cli
