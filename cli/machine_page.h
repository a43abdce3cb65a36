// A machine as text: one line of a list, or a page with every figure and its source.
#pragma once

#include <string>

#include "atlas/machine/machine.h"

namespace atlas::cli {

std::string machine_line(const Machine& machine);
std::string machine_page(const Machine& machine);

}  // namespace atlas::cli
