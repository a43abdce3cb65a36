// CLI11's parser, its exceptions turned into ours.
#include "cli/command_line.h"

#include <fmt/core.h>

#include <algorithm>
#include <vector>

#include "atlas/base/error.h"

namespace atlas::cli {

CommandLine::CommandLine(const std::string& name, const std::string& description)
    : CLI::App(description, "atlas " + name) {
  set_help_flag("-h,--help", "Print this and stop");
  option_defaults()->always_capture_default();
}

bool CommandLine::read(Arguments arguments) {
  // CLI11 takes them from the back.
  std::vector<std::string> reversed(arguments.rbegin(), arguments.rend());
  try {
    parse(std::move(reversed));
  } catch (const CLI::CallForHelp&) {
    fmt::print("{}", help());
    return false;
  } catch (const CLI::ParseError& error) {
    fail(ErrorCode::InvalidArgument, "{} ({} --help tells what it takes)", error.what(), get_name());
  }
  return true;
}

}  // namespace atlas::cli
