// `atlas COMMAND ...`: finds the command, runs it, and turns errors into a line and an exit code.
#include <fmt/core.h>

#include <exception>
#include <new>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "atlas/base/error.h"
#include "atlas/base/version.h"
#include "cli/commands.h"
#include "cli/error_line.h"

namespace atlas::cli {
namespace {

struct Command {
  std::string_view name;
  std::string_view summary;
  int (*run)(Arguments);
};

constexpr Command kCommands[] = {
    {"bench", "Time a model: loading, the first run, a steady run", bench},
    {"check", "Tell whether a model would run on a machine as wished", check},
    {"compare", "Compare two models, two timelines, or two runs layer by layer", compare},
    {"compile", "Keep a model compiled for this machine in a file", compile},
    {"conformance", "Run every case of an ONNX backend-test tree", conformance},
    {"convert", "Write a model in another opset or form, simplified", convert},
    {"doctor", "Describe this machine, and what is missing on it", doctor},
    {"machine", "List, show and check descriptions of machines", machine},
    {"predict", "Predict how long a model or operators take on a machine", predict},
    {"profile", "Measure where the time of a run goes, step by step", profile},
    {"recipe", "List, show and propose recipes: what happens around a model", recipe},
    {"run", "Run a model once, or a recipe on files", run},
    {"show", "Tell what a model takes, gives, consists of and costs", show},
    {"tokenize", "Cut text into the tokens of a model", tokenize},
    {"zoo", "List and fetch real models and data", zoo},
};

void print_help() {
  fmt::print("Atlas {} runs AI models.\n\nUsage: atlas COMMAND ...\n\nCommands:\n", version());
  for (const Command& command : kCommands) fmt::print("  {:<12} {}\n", command.name, command.summary);
  fmt::print("\n`atlas COMMAND --help` tells what a command takes; `atlas --version` prints the version.\n");
}

int dispatch(Arguments arguments) {
  require(!arguments.empty(), "expected a command (atlas --help lists them)");
  const std::string& name = arguments.front();
  if (name == "--help" || name == "-h" || name == "help") {
    print_help();
    return 0;
  }
  if (name == "--version") {
    fmt::print("atlas {}\n", version());
    return 0;
  }
  for (const Command& command : kCommands)
    if (command.name == name) return command.run(arguments.subspan(1));
  fail(ErrorCode::InvalidArgument, "unknown command '{}' (atlas --help lists them)", name);
}

constexpr int kBadInput = 2;
constexpr int kFailure = 1;

int exit_code(ErrorCode code) {
  switch (code) {
    case ErrorCode::InvalidArgument:
    case ErrorCode::Unsupported:
    case ErrorCode::NotFound:
    case ErrorCode::ResourceExhausted:
      return kBadInput;
    default:
      return kFailure;
  }
}

int report(std::string message, int code) {
  print_error(std::move(message));
  return code;
}

}  // namespace
}  // namespace atlas::cli

int main(int argc, char** argv) {
  using namespace atlas::cli;
  try {
    const std::vector<std::string> arguments(argv + (argc > 0), argv + argc);
    return dispatch(arguments);
  } catch (const atlas::Error& error) {
    return report(error.what(), exit_code(error.code()));
  } catch (const std::bad_alloc&) {
    return report("out of memory", kBadInput);
  } catch (const std::exception& error) {
    return report(error.what(), kFailure);
  }
}
