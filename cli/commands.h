// The commands of `atlas`, each in the file of its name. main.cpp lists them.
#pragma once

#include <span>
#include <string>

namespace atlas::cli {

/// What stands after the command's name.
using Arguments = std::span<const std::string>;

/// Each parses its arguments, does its work, prints the answer to standard output and returns the exit code:
/// 0, or 1 where the work was done and its outcome is bad (a failed case, say). All else is an Error.
int bench(Arguments arguments);
int check(Arguments arguments);
int compare(Arguments arguments);
int compile(Arguments arguments);
int conformance(Arguments arguments);
int convert(Arguments arguments);
int doctor(Arguments arguments);
int machine(Arguments arguments);
int predict(Arguments arguments);
int profile(Arguments arguments);
int recipe(Arguments arguments);
int run(Arguments arguments);
int show(Arguments arguments);
int tokenize(Arguments arguments);
int zoo(Arguments arguments);

}  // namespace atlas::cli
