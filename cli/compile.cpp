// `atlas compile MODEL -o FILE`: a model made ready for this machine, in a file that is mapped when it is
// opened.
#include <fmt/core.h>

#include <filesystem>

#include "atlas/base/error.h"
#include "atlas/base/stopwatch.h"
#include "atlas/formats/model_file.h"
#include "atlas/run/compiled_model.h"
#include "cli/command_line.h"
#include "cli/limit_options.h"
#include "cli/model_inputs.h"
#include "cli/session_options.h"

namespace atlas::cli {

int compile(Arguments arguments) {
  std::string in, out;
  InputOptions input_options;
  SessionOptions options;
  LimitOptions limits;
  bool program_only = false;
  CommandLine line("compile", "Keep a model compiled for this machine in a file, which opens at once.");
  line.add_option("MODEL", in, "An ONNX file, a compiled file, or the text form of a graph (.txt)")
      ->required();
  line.add_option("-o,--output", out, "The new file")->required();
  line.add_option("--shape", input_options.shapes,
                  "NAME=1x3x224x224: the size of an input whose dims the model leaves open");
  line.add_flag(
      "--program-only", program_only,
      "Leave the model itself out: a smaller file, which runs with this Atlas on such a processor alone");
  add_compile_options(line, options);
  limits.add_to(line);
  if (!line.read(arguments)) return 0;
  options.limits = limits.limits();

  const Stopwatch watch;
  Graph graph = load_model(in, options.limits);
  apply_shapes(graph, input_options);
  const Registry registry = standard_registry();
  within([&] { return in; }, [&] { compile_to_file(graph, out, registry, options, !program_only); });
  fmt::print("{}: {:.1f} MiB, compiled in {:.0f} ms\n", out,
             static_cast<double>(std::filesystem::file_size(out)) / (1 << 20), watch.milliseconds());
  return 0;
}

}  // namespace atlas::cli
